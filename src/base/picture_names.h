// The extensions of the pictures that this build reads (has_picture_extension in text.h asks for one). What is in a
// file its content tells; names only choose among the files of a folder.
#pragma once

#include <string>

namespace saker {

// All of them, for messages: ".jpg .jpeg ...".
std::string picture_extensions();

}  // namespace saker
