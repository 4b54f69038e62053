// What the command says on stderr, and checks of paths that end in a clear message.
#pragma once

#include <saker/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker::cli {

// "saker: ...", as printable() has it; further lines are indented below it.
void say(std::string_view message);
// What the library says of its option `setting`, with the flag that sets it: "name it with `head`", "name it with
// --head" (Error::setting).
std::string in_flags(std::string_view text, std::string_view setting);
std::string in_flags(const Error& error);
// Says it; the exit code to return.
int fail(const Error& error);
int usage_error(std::string_view command, std::string_view message);

// A file that exists and may be a model. Otherwise the error has the remedy: a similar name, a file in the folder.
Status check_model_path(const std::string& command, const std::string& model);

// A folder that exists (it is made if need be) and can be written to.
Status check_folder(const std::string& flag, const std::string& folder);

// check_writable with a remedy. `path` may be "-" or a device.
Status check_output(const std::string& flag, const std::string& path);

}  // namespace saker::cli
