// JSON as programs get it: keys in the order in which they were put in. Objects begin as Json::object(): a null that
// becomes one by [] crashes in nlohmann 3.11 where there is no memory for it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace saker {

using Json = nlohmann::ordered_json;

// On indented lines, with a newline at the end. Bytes that are not UTF-8 are replaced.
std::string dump(const Json& json);

}  // namespace saker
