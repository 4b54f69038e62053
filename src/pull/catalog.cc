// The weights that `saker pull` knows by name.
#include "pull/catalog.h"

#include <array>

namespace saker {
namespace {

constexpr Release kYolox = {"https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/",
                            "https://github.com/Megvii-BaseDetection/YOLOX", "Apache-2.0"};
constexpr Release kYolov5 = {"https://github.com/ultralytics/yolov5/releases/download/v7.0/",
                             "https://github.com/ultralytics/yolov5", "AGPL-3.0"};
constexpr Release kUltralytics83 = {"https://github.com/ultralytics/assets/releases/download/v8.3.0/",
                                    "https://github.com/ultralytics/ultralytics", "AGPL-3.0"};
constexpr Release kUltralytics84 = {"https://github.com/ultralytics/assets/releases/download/v8.4.0/",
                                    "https://github.com/ultralytics/ultralytics", "AGPL-3.0"};
constexpr Release kYolov10 = {"https://github.com/THU-MIG/yolov10/releases/download/v1.1/",
                              "https://github.com/THU-MIG/yolov10", "AGPL-3.0"};

// A hash stands here only where it was computed from the published file itself.
constexpr std::array kCatalog = {
    CatalogEntry{"yolox_nano.onnx", &kYolox},
    CatalogEntry{"yolox_tiny.onnx", &kYolox},
    CatalogEntry{"yolox_s.onnx", &kYolox},
    CatalogEntry{"yolox_m.onnx", &kYolox},
    CatalogEntry{"yolox_l.onnx", &kYolox},
    CatalogEntry{"yolox_x.onnx", &kYolox},
    CatalogEntry{"yolox_darknet.onnx", &kYolox},
    CatalogEntry{"yolov5n.onnx", &kYolov5},
    CatalogEntry{"yolov5s.onnx", &kYolov5},
    CatalogEntry{"yolov5m.onnx", &kYolov5},
    CatalogEntry{"yolov5l.onnx", &kYolov5},
    CatalogEntry{"yolov5n.pt", &kYolov5, "4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3"},
    CatalogEntry{"yolov5s.pt", &kYolov5},
    CatalogEntry{"yolov5m.pt", &kYolov5},
    CatalogEntry{"yolov5l.pt", &kYolov5},
    CatalogEntry{"yolov5x.pt", &kYolov5},
    CatalogEntry{"yolov8n.pt", &kUltralytics83},
    CatalogEntry{"yolov8s.pt", &kUltralytics83},
    CatalogEntry{"yolov8m.pt", &kUltralytics83},
    CatalogEntry{"yolov8l.pt", &kUltralytics83},
    CatalogEntry{"yolov8x.pt", &kUltralytics83},
    CatalogEntry{"yolov10n.pt", &kYolov10},
    CatalogEntry{"yolov10s.pt", &kYolov10},
    CatalogEntry{"yolov10m.pt", &kYolov10},
    CatalogEntry{"yolov10b.pt", &kYolov10},
    CatalogEntry{"yolov10l.pt", &kYolov10},
    CatalogEntry{"yolov10x.pt", &kYolov10},
    CatalogEntry{"yolo11n.pt", &kUltralytics83},
    CatalogEntry{"yolo11s.pt", &kUltralytics83},
    CatalogEntry{"yolo11m.pt", &kUltralytics83},
    CatalogEntry{"yolo11l.pt", &kUltralytics83},
    CatalogEntry{"yolo11x.pt", &kUltralytics83},
    CatalogEntry{"yolo26n.pt", &kUltralytics84},
    CatalogEntry{"yolo26s.pt", &kUltralytics84},
    CatalogEntry{"yolo26m.pt", &kUltralytics84},
    CatalogEntry{"yolo26l.pt", &kUltralytics84},
    CatalogEntry{"yolo26x.pt", &kUltralytics84},
};

}  // namespace

std::span<const CatalogEntry> catalog() {
  return kCatalog;
}

// Where both exist, the .onnx comes first in the table.
const CatalogEntry* find_weights(std::string_view name) {
  for (const CatalogEntry& entry : kCatalog) {
    if (name == entry.file || name == entry.file.substr(0, entry.file.rfind('.'))) return &entry;
  }
  return nullptr;
}

}  // namespace saker
