// What a checkpoint says of its network and its training, as text and as JSON.
#pragma once

#include "model/pt/facts.h"
#include "report/json.h"

namespace saker::cli {

std::string checkpoint_text(const pt::CheckpointFacts& facts);
Json checkpoint_json(const pt::CheckpointFacts& facts);

}  // namespace saker::cli
