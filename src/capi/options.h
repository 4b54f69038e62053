// The structs of saker.h, of whatever version the caller was compiled with, as the library's own.
#pragma once

#include <saker.h>
#include <saker/detector.h>

#include <cstddef>

namespace saker::capi {

struct LoadOptions {
  DetectorOptions detector;
  ImageReadOptions pictures;
};

// NULL: the defaults. Errors: kInvalid (no size, a value out of range), kUnsupported (a field that a later version has
// is set), and those of read_labels.
Result<LoadOptions> load_options(const saker_options* options);
Result<BoxOptions> box_options(const saker_box_options* options);
Result<ImageView> image_view(const saker_pixels* pixels);

// What is asked of saker_times: as many of its bytes as the caller knows.
Status write_times(const saker_times& ours, saker_times* theirs);

}  // namespace saker::capi
