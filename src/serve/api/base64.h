// Base64 (RFC 4648, section 4): bytes in a JSON text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace saker::serve {

// With or without the padding, and with line breaks as MIME has them; a "data:...;base64," in front is passed over.
// Nothing: other characters, or a length that cannot be.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

}  // namespace saker::serve
