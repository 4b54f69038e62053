// A network as text: JSON that says of every module its class, attributes, parts and the names of its weights, from
// which, and from those weights, the network is made again.
#pragma once

#include <saker/result.h>

#include <string>
#include <string_view>

#include "model/pt/import.h"
#include "nets/network.h"

namespace saker::pt {

// In "__metadata__" of safetensors.
inline constexpr std::string_view kDescriptionKey = "saker.network";

// "model.0.conv.weight"
std::string weight_name(const nets::Module& module, std::string_view weight);

// Before the names of the values of which a network that was trained for 8 bits keeps the ranges, as tensors.
inline constexpr std::string_view kRangesPrefix = "ranges.";

// Error kInvalid: an attribute that is no number JSON can write (infinite); the module is named.
Result<std::string> describe_network(const nets::Network& network);

// Weights that the description does not name are left. Errors: kInvalid (no such JSON, a
// weight that is not there: named), kUnsupported (a later version of the description), kLimit.
Result<nets::Network> described_network(const std::string& description, const Weights& weights);

}  // namespace saker::pt
