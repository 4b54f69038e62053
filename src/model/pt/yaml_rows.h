// The description that the frameworks build a network of when a training goes on from a checkpoint: a dictionary as
// their YAML files have it, here read off the modules, with widths and depths as they are.
#pragma once

#include <saker/result.h>

#include "model/pt/pickle_writer.h"
#include "nets/network.h"

namespace saker::pt {

// Errors: kUnsupported (a class whose arguments are not known here, a width that the frameworks would round).
Status put_yaml(PickleWriter& out, const nets::Network& network);

}  // namespace saker::pt
