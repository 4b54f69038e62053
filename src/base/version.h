// Which saker this is.
#pragma once

namespace saker {

const char* version();  // "0.1.0"
const char* commit();   // short; empty when not built from a checkout

}  // namespace saker
