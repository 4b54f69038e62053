// Files from the network, by the programs curl and sha256sum.
#pragma once

#include <saker/result.h>

#include <string>

namespace saker {

// An https:// or file:/// address without spaces and control characters, those percent-encoded. Error kInvalid.
Result<std::string> check_url(const std::string& url);

// The same address with everything before the path replaced by `mirror`, which has been checked.
std::string on_mirror(const std::string& url, const std::string& mirror);

// Fetches `url` into the file `part`. What an earlier attempt at the same address has left there is continued; when
// the attempt fails, what has come is kept for the next one. Errors: kNotFound (no curl), kIo, kLimit (over 4 GB).
Status download(const std::string& url, const std::string& part);
// Removes what download() keeps beside a file.
void forget_download(const std::string& part);

// In hexadecimal.
Result<std::string> sha256_of(const std::string& path);

}  // namespace saker
