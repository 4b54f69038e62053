// Results as a table for people, JSON, JSON lines, COCO results or YOLO text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect_run.h"
#include "output.h"

namespace saker::cli {

enum class Format { kTable, kJson, kJsonl, kCoco, kYolo };

std::optional<Format> format_from_name(std::string_view name);

struct WriterOptions {
  Format format = Format::kTable;
  bool conf = false;     // yolo: the score as a last column
  bool several = false;  // more than one picture: yolo names each, a table ends with a summary
};

// What the table's last line says.
struct Summary {
  std::size_t pictures = 0, failed = 0, boxes = 0;
  double decode = 0, preprocess = 0, infer = 0, postprocess = 0;  // milliseconds, of all pictures
  double wall_ms = 0;

  void add(const PictureResult& result);
};

class Writer {
 public:
  Writer(const WriterOptions& options, Output output, const std::vector<std::string>& labels);

  void begin();
  void add(const PictureResult& result);  // one without an error
  Status end(const Summary& summary);
  bool failed() const { return output_.failed(); }

 private:
  std::string json_picture(const PictureResult& result, bool lines) const;
  std::string coco_rows(const PictureResult& result);
  std::string table(const PictureResult& result) const;
  const std::string& label(const Detection& box) const { return labels_[static_cast<std::size_t>(box.class_id)]; }

  WriterOptions options_;
  Output output_;
  std::vector<std::string> labels_;
  bool coco_ids_;
  std::size_t rows_ = 0;  // pictures in the table or elements of the JSON array so far
};

}  // namespace saker::cli
