// TensorBoard's event files: TFRecords of Event messages, scalars only.
// https://github.com/tensorflow/tensorboard/tree/2.21.0/tensorboard/compat/proto (event.proto, summary.proto)
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runs/append_file.h"

namespace saker::runs {

// CRC-32C (Castagnoli, RFC 3720) of the bytes.
std::uint32_t crc32c(std::string_view bytes);

// One TFRecord: u64 length, its masked CRC, the data, their masked CRC; little-endian.
std::string tf_record(std::string_view data);

using Scalars = std::vector<std::pair<std::string, double>>;

// The messages, serialized. `wall_time`: seconds since 1970.
std::string version_event(double wall_time);
// What earlier files of the folder have of this step and later ones is void.
std::string start_event(double wall_time, std::int64_t step);
std::string scalars_event(double wall_time, std::int64_t step, const Scalars& scalars);

// A file of its own in the folder, whose readers take all such files in the order of their names.
class EventFile {
 public:
  // `first_step`: of what will be added. Error kIo.
  static Result<EventFile> create(const std::string& folder, std::int64_t first_step);
  Status add(std::int64_t step, const Scalars& scalars);

 private:
  explicit EventFile(AppendFile file) : file_(std::move(file)) {}

  AppendFile file_;
};

}  // namespace saker::runs
