#include "serve/stream/stream_text.h"

#include <fmt/format.h>

#include "pipeline/result_writers.h"
#include "serve/box_json.h"

namespace saker::serve {

std::string frame_event(const SeenFrame& frame, const std::vector<std::string>& labels) {
  std::string text = fmt::format(
      R"(id: {}
data: {{"camera":{},"sequence":{},"frame":{},"time":"{}","seconds":{:.3f},"width":{},"height":{},"model":{},)"
      R"("version":{},"boxes":[)",
      frame.sequence, json_text(frame.camera), frame.sequence, frame.frame, frame.time, frame.seconds, frame.width,
      frame.height, json_text(frame.model), frame.version);
  for (std::size_t i = 0; i < frame.boxes.size(); ++i) {
    const bool tracked = frame.tracked && i < frame.tracks.size();
    text += (i > 0 ? "," : "") +
            box_json(frame.boxes[i], labels, tracked ? fmt::format(R"(,"track":{})", frame.tracks[i].id) : "");
  }
  return text + fmt::format(R"(],"ms":{{"queue":{:.3f},"preprocess":{:.3f},"infer":{:.3f},"postprocess":{:.3f}}}}})"
                            "\n\n",
                            frame.ms.queue, frame.ms.preprocess, frame.ms.infer, frame.ms.postprocess);
}

std::string state_event(const std::string& camera, const char* state, const std::string& reason) {
  const std::string why = reason.empty() ? "" : fmt::format(R"(,"reason":{})", json_text(reason));
  return fmt::format("event: camera\ndata: {{\"camera\":{},\"state\":\"{}\"{}}}\n\n", json_text(camera), state, why);
}

std::string end_event(const std::string& camera, const std::string& reason) {
  return fmt::format("event: end\ndata: {{\"camera\":{},\"reason\":{}}}\n\n", json_text(camera), json_text(reason));
}

std::string picture_part(const SeenFrame& frame, std::span<const std::uint8_t> jpeg) {
  std::string part =
      fmt::format("Content-Type: image/jpeg\r\nContent-Length: {}\r\nX-Sequence: {}\r\nX-Time: {}\r\n\r\n", jpeg.size(),
                  frame.sequence, frame.time);
  part.reserve(part.size() + jpeg.size() + 16);
  part.append(reinterpret_cast<const char*>(jpeg.data()), jpeg.size());
  return part += "\r\n--saker\r\n";
}

}  // namespace saker::serve
