// Results as a table for people, JSON, JSON lines, COCO results or YOLO text.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/detect_frames.h"

namespace saker {

enum class ResultFormat { kTable, kJson, kJsonLines, kCoco, kYolo };

std::optional<ResultFormat> result_format_from_name(std::string_view name);

struct WriterOptions {
  ResultFormat format = ResultFormat::kTable;
  bool conf = false;     // yolo: the score as a last column
  bool several = false;  // more than one picture: yolo names each, a table ends with a summary
};

// What the table's last line says.
struct RunSummary {
  std::size_t pictures = 0, failed = 0, boxes = 0;
  double decode = 0, preprocess = 0, infer = 0, postprocess = 0;  // milliseconds, of all pictures
  double wall_ms = 0;

  void add(const PictureResult& result);
};

// In quotes. Bytes that are not UTF-8 (file names can be anything) are replaced.
std::string json_text(const std::string& text);
// A box without its closing brace, so that more can follow.
std::string json_box(const Detection& box, const std::vector<std::string>& labels);

// Takes text piece by piece; what becomes of it, and whether all of it could be written, is its owner's business.
using TextOut = std::function<void(std::string_view)>;

class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void begin() {}
  virtual void add(const PictureResult& result) = 0;  // one without an error
  virtual void end(const RunSummary& /*summary*/) {}
};

// `labels`: index is the class id.
std::unique_ptr<ResultWriter> make_writer(const WriterOptions& options, std::vector<std::string> labels, TextOut out);

}  // namespace saker
