#include "serve/box_json.h"

#include <fmt/format.h>

#include "pipeline/result_writers.h"

namespace saker::serve {

std::string box_json(const Detection& box, const std::vector<std::string>& labels, std::string_view more) {
  return fmt::format(R"({{"class_id":{},"label":{},"score":{},"x1":{},"y1":{},"x2":{},"y2":{}{}}})", box.class_id,
                     json_text(labels[static_cast<std::size_t>(box.class_id)]), box.score, box.x1, box.y1, box.x2,
                     box.y2, more);
}

}  // namespace saker::serve
