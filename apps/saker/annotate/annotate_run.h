// The two ways of `saker annotate`: videos and pictures.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "annotate/annotate_flags.h"
#include "annotate/figures.h"

namespace saker::cli {

// Each says what it has to say, but for the figures. Errors: nothing worth a figure was done.
Result<AnnotateRun> annotate_videos(const AnnotateFlags& flags, const std::vector<std::string>& videos);
Result<AnnotateRun> annotate_pictures(const AnnotateFlags& flags, const std::vector<std::string>& sources);

// What is written must not destroy what is read, and can be written. `read`: files besides the model and what the flags
// name.
Status check_outputs(const AnnotateFlags& flags, const std::vector<std::string>& read);

}  // namespace saker::cli
