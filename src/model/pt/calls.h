// What a pickle may call.
#pragma once

#include <saker/result.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/pt/pickle.h"

namespace saker::pt {

enum class Call {
  kRefused,
  kDict,       // an ordered dictionary, empty or of pairs
  kSet,        // of a list
  kTensor,     // torch._utils._rebuild_tensor_v2, _v3
  kParameter,  // its first argument
  kSize,       // a tuple of numbers
  kInert,      // a record of the name and the arguments, whatever it would have made
};

// By the full name: "torch._utils._rebuild_tensor_v2".
Call call_of(std::string_view name);

}  // namespace saker::pt
