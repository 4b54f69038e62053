// The flags of `saker annotate`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detector_flags.h"

namespace saker::cli {

struct AnnotateFlags : DetectorFlags {
  std::vector<std::string> words;    // MODEL SOURCE..., as typed
  std::vector<std::string> sources;  // --source; those of `words` come before them
  std::string checkpoint, name, device = "cpu";
  int camera = -1;
  std::vector<int> image_shape;  // H W

  int stride = 1;
  std::int64_t max_frames = 0;  // 0: all
  double duration = 0;          // seconds; 0: to the end
  bool motion_gate = false;

  std::string save_dir = "annotation_results", save_format = "mp4";
  int quality = 23;
  bool no_save = false, show = false, no_overlay = false;
  std::string json, jsonl, mot;

  std::string track;         // empty: no tracking
  std::string tracker_file;  // with its options; empty: as they are
  std::string scene, events;
  bool conf_given = false;

  bool as_ever = false;  // flags of other programs that change nothing
};

void add_annotate_flags(CLI::App& app, AnnotateFlags& flags);

// Sorts out the words and what other tools' names meant. What is wrong with them, as a usage error.
Status settle(AnnotateFlags& flags);

}  // namespace saker::cli
