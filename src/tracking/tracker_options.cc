// The files that Ultralytics' trackers are set up by (https://docs.ultralytics.com/modes/track/).
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/text.h"
#include "base/try.h"
#include "tracking/byte_tracker.h"
#include "tracking/yaml_file.h"

namespace saker::tracking {
namespace {

struct Threshold {
  std::string_view key;
  double TrackerOptions::*value;
};
constexpr std::array kThresholds = {Threshold{"track_high_thresh", &TrackerOptions::track_high_thresh},
                                    Threshold{"track_low_thresh", &TrackerOptions::track_low_thresh},
                                    Threshold{"new_track_thresh", &TrackerOptions::new_track_thresh},
                                    Threshold{"match_thresh", &TrackerOptions::match_thresh}};
constexpr double kLongestBuffer = 1e6;  // nine hours

// First of all, since files for other trackers have other fields as well.
Status check_type(const YamlFile& file, const std::vector<YamlEntry>& entries) {
  for (const YamlEntry& entry : entries) {
    if (entry.key != "tracker_type") continue;
    const std::string type = entry.value.IsScalar() ? entry.value.Scalar() : std::string();
    if (type == "bytetrack") continue;
    Error error = file.error(entry.line, fmt::format("`tracker_type` is {}; saker has bytetrack. Write "
                                                     "`tracker_type: bytetrack` and leave out the fields that "
                                                     "bytetrack.yaml does not have",
                                                     type.empty() ? "no name" : printable_name(type)));
    error.code = type.empty() ? ErrorCode::kInvalid : ErrorCode::kUnsupported;
    return error;
  }
  return {};
}

Status take(const YamlFile& file, const YamlEntry& entry, TrackerOptions& options) {
  for (const Threshold& threshold : kThresholds) {
    if (entry.key != threshold.key) continue;
    SAKER_ASSIGN(options.*threshold.value, file.number(entry, 0, 1));
    return {};
  }
  if (entry.key == "track_buffer") {
    SAKER_ASSIGN(const double frames, file.number(entry, 0, kLongestBuffer));
    if (frames != std::floor(frames)) return file.error(entry.line, "`track_buffer` is not a whole number of frames");
    options.track_buffer = static_cast<int>(frames);
    return {};
  }
  if (entry.key == "fuse_score") {
    if (entry.value.IsScalar() && YAML::convert<bool>::decode(entry.value, options.fuse_score)) return {};
    return file.error(entry.line, "`fuse_score` is neither True nor False");
  }
  if (entry.key == "tracker_type") return {};
  return file.error(entry.line, fmt::format("bytetrack has no `{}`; it has tracker_type, track_high_thresh, "
                                            "track_low_thresh, new_track_thresh, track_buffer, match_thresh and "
                                            "fuse_score",
                                            printable_name(entry.key)));
}

}  // namespace

Result<TrackerOptions> read_tracker_options(const std::string& path) {
  SAKER_ASSIGN(const YamlFile file, YamlFile::read(path));
  SAKER_ASSIGN(const std::vector<YamlEntry> entries, file.entries(file.root()));
  SAKER_TRY(check_type(file, entries));
  TrackerOptions options;
  for (const YamlEntry& entry : entries) SAKER_TRY(take(file, entry, options));
  if (options.track_low_thresh <= options.track_high_thresh) return options;
  return file.error(1, fmt::format("`track_low_thresh` is {:g}, above `track_high_thresh`, which is {:g}",
                                   options.track_low_thresh, options.track_high_thresh));
}

}  // namespace saker::tracking
