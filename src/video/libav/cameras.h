// Video4Linux cameras of this machine.
#pragma once

#include <saker/result.h>

#include <string>

namespace saker::video {

// Error kNotFound: no such device, with those there are; kInvalid: it gives no pictures; kIo: it may not be opened.
Status check_camera(const std::string& device);

}  // namespace saker::video
