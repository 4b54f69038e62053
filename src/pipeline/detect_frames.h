// Frames to boxes: several detectors at work, with the results in the order of the frames.
#pragma once

#include <saker/detector.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/frame_source.h"

namespace saker {

struct PictureResult : FrameInfo {  // decode_ms: with the time of Frame::read
  int width = 0, height = 0;        // of the file, as are the boxes
  Detections found;
  std::optional<FramePicture> picture;  // if there is no error and it is to be kept
  std::string error;                    // not empty: no result, and why
  std::string save_error;               // not empty: a result, but not everything could be saved
};

struct DetectFramesOptions {
  std::size_t in_flight = 1;  // detectors at work, each on a thread of its own
  std::size_t batch = 1;      // frames a detector is given at once
  int warmup = 0;             // runs on a grey picture before the first frame
  ImageReadOptions read;
  bool keep_pictures = false;  // for the sink
  // Takes the pixels once boxes are known, of planes RGB; its error becomes save_error. Called for frames without an
  // error by the detectors' threads, in any order. May be empty.
  std::function<Status(const PictureResult&, Image)> save;
};

// Takes a result, in the order of the frames; false ends the work early. Runs on the caller's thread.
using ResultSink = std::function<bool(PictureResult&&)>;

// What one detector does with a batch: boxes of each picture, in pixels of its file (Image::file_size).
using DetectBatch = std::function<Result<std::vector<Detections>>(std::span<const FramePicture>)>;

// At most in_flight * batch pictures are in memory, and results, with the pictures that are kept, wait in a queue of a
// few batches for each detector. No detector looks at still frames (FrameInfo::still): nothing is found in them. What
// goes wrong with one picture is that picture's error, whatever is thrown; an Error is returned when the source or the
// sink throws, or when there is no memory to work with. With one detector all is done on the caller's thread; where the
// system gives fewer threads than detectors, the others do the work. When several end, the source has been stopped.
Status detect_frames(FrameSource& source, Detector detector, const DetectFramesOptions& options,
                     const ResultSink& sink);
// The same with detectors of any kind, one for each in flight; in_flight and warmup are not looked at.
Status detect_frames(FrameSource& source, const std::vector<DetectBatch>& detectors, const DetectFramesOptions& options,
                     const ResultSink& sink);

}  // namespace saker
