// Boxes on one picture: example_detect_picture MODEL.onnx PICTURE
#include <saker/detector.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MODEL.onnx PICTURE\n", argv[0]);
    return 2;
  }
  auto detector = saker::Detector::load(argv[1], {.boxes = {.conf = 0.25F}});
  if (!detector.ok()) {
    std::fprintf(stderr, "%s\n", detector.error().message.c_str());
    return 1;
  }
  auto picture = saker::read_image(argv[2]);
  if (!picture.ok()) {
    std::fprintf(stderr, "%s\n", picture.error().message.c_str());
    return 1;
  }
  auto found = detector->detect(picture->view());
  if (!found.ok()) {
    std::fprintf(stderr, "%s\n", found.error().message.c_str());
    return 1;
  }
  for (const saker::Detection& d : found->boxes) {
    const std::string& label = detector->labels()[static_cast<std::size_t>(d.class_id)];
    std::printf("%-16s %.2f  %7.1f %7.1f %7.1f %7.1f\n", label.c_str(), d.score, d.x1, d.y1, d.x2, d.y2);
  }
  std::printf("%.1f ms\n", found->ms.preprocess + found->ms.infer + found->ms.postprocess);
}
