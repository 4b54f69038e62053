// Where the pixels of a resized picture come from, as OpenCV's cv::resize(INTER_LINEAR) has it.
#pragma once

#include <vector>

#include "kernels/letterbox/letterbox.h"

namespace saker {

// For each of `target` columns or rows what it blends of `source`; both > 0.
std::vector<LetterboxColumn> resize_columns(int source, int target);
std::vector<LetterboxRow> resize_rows(int source, int target);

}  // namespace saker
