// The flags of `saker annotate`, by its own names and by those of the programs that people come from.
#include "annotate/annotate_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "annotate/sources.h"
#include "base/text.h"
#include "base/try.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker annotate yolov8n.onnx --source street.mp4               annotation_results/street.mp4\n"
    "  saker annotate best.pt --source 0 --show                      the first camera, in a window\n"
    "  saker annotate int8.onnx --source rtsp://user:pass@cam/1 rtsp://cam2/1 --no-save --jsonl -\n"
    "  saker annotate yolov8n.onnx --source street.mp4 --track --scene gate.yaml --events events.jsonl\n"
    "  saker annotate yolov8n.onnx --source pictures/ --save-dir out\n"
    "\n"
    "Ctrl-C ends cleanly: the video is whole, the figures are printed; a second one ends at once.\n"
    "Exit code: 0 all well; 1 failed, or a source broke off; 2 wrong flags; 130, 143: stopped by Ctrl-C or a signal.";

constexpr const char* kTrackerItself = "bytetrack";  // of --track without a file

void add_source_flags(CLI::App& app, AnnotateFlags& flags) {
  app.add_option("MODEL", flags.words, "an ONNX file, an OpenVINO .xml, a checkpoint (.pt, .pth); then SOURCE...")
      ->option_text("[SOURCE...]");
  app.add_option("--source,--path", flags.sources,
                 "videos, camera numbers, URLs (rtsp, rtmp, http, udp, srt); or pictures, folders, globs; several")
      ->option_text("SOURCE...")
      ->type_name("PATH")
      ->expected(1, 1000);
  add_value(app, "--vid-stride", "N", flags.stride, "take each N-th frame [1]")->check(whole_number(1, 1'000'000));
  add_value(app, "--max-frames", "N", flags.max_frames, "stop after so many frames [all]")
      ->check(whole_number(1, std::int64_t{1} << 40));
  add_value(app, "--duration", "SECONDS", flags.duration, "stop after so long a time of work [at the end]")
      ->check(number_between(0.001, 1e8));
  app.add_flag("--motion-gate", flags.motion_gate, "where nothing moves the boxes stay, and the model rests");
}

void add_output_flags(CLI::App& app, AnnotateFlags& flags) {
  const std::string group = "What comes out";
  add_value(app, "--save-dir,--save_dir", "DIR", flags.save_dir,
            "where the videos or pictures go, by their sources' names\n[annotation_results]")
      ->group(group);
  add_value(app, "--save-format", "NAME", flags.save_format, "mp4 or mkv [mp4]")
      ->check(one_of({"mp4", "mkv"}))
      ->group(group);
  add_value(app, "--quality", "N", flags.quality, "of H.264: constant rate factor, 0 (best) to 51 [23]")
      ->check(whole_number(0, 51))
      ->group(group);
  app.add_flag("--no-save,--no_save,--nosave", flags.no_save, "no videos, no pictures: for measuring, or for the text")
      ->group(group);
  app.add_flag("--show,--view-img", flags.show, "in a window, too")->group(group);
  app.add_flag("--no-overlay", flags.no_overlay, "boxes alone: no frame rate, no model's name")->group(group);
  add_json(app, flags.json)->description("figures as JSON to FILE, or to stdout and nothing else there")->group(group);
  add_value(app, "--jsonl", "FILE", flags.jsonl, "a line of JSON a frame: time, boxes; - for stdout")->group(group);
  add_value(app, "--mot", "FILE", flags.mot, "rows of MOTChallenge: frame,id,left,top,width,height,...; one source")
      ->group(group);
  app.add_flag("--quiet", flags.quiet, "no table, no progress bar, no notes; errors only")->group(group);
}

void add_tracking_flags(CLI::App& app, AnnotateFlags& flags) {
  const std::string group = "Tracking (docs/how-to/video.md)";
  app.add_option("--track", flags.track,
                 "give the same object the same number: ByteTrack; with the options of a bytetrack.yaml")
      ->option_text("[FILE]")
      ->type_name("FILE")
      ->expected(0, 1)
      ->take_last()
      ->default_str(kTrackerItself)
      ->group(group);
  add_value(app, "--scene", "FILE", flags.scene, "lines and zones whose crossings and visitors are counted (.yaml)")
      ->group(group);
  add_value(app, "--events", "FILE", flags.events, "a line of JSON for each crossing, entry and exit; - for stdout")
      ->group(group);
}

// What other programs call it.
void add_other_names(CLI::App& app, AnnotateFlags& flags) {
  const std::string group = "Names that other programs give them";
  app.add_option("-c,--ckpt,--weights,--model_filepath", flags.checkpoint, "MODEL")->option_text("FILE")->group(group);
  add_value(app, "-n,--name", "NAME", flags.name, "of the network: must be what the model is, if it says so")
      ->group(group);
  add_value(app, "-e,--engine", "NAME", flags.backend, "--backend")
      ->check(one_of({"auto", "saker", "onnxruntime", "openvino", "torchscript"}))
      ->group(group);
  add_value(app, "--nms", "NUMBER", flags.iou, "--iou")
      ->check(number_between(0, 1))
      ->each([&flags](const std::string&) { flags.iou_given = true; })
      ->group(group);
  app.add_option("--image-shape,--image_shape,--model_input_image_shape", flags.image_shape, "--imgsz HxW")
      ->option_text("H W")
      ->type_name("N")
      ->expected(2)
      ->check(whole_number(1, 8192))
      ->group(group);
  add_size(app, flags.size, "--tsize", "--imgsz");
  app.get_option("--tsize")->group(group);
  add_value(app, "--num-cores,--num_cores", "N", flags.threads, "--threads")
      ->check(whole_number(1, 1024))
      ->group(group);
  add_value(app, "--camid", "N", flags.camera, "--source N")->check(whole_number(0, 255))->group(group);
  add_value(app, "--device", "NAME", flags.device, "cpu: there is no other")->group(group);
  app.add_flag("--save_result,-q,--quantized-inputs", flags.as_ever, "what happens anyway")->group(group);
}

bool is_model_name(const std::string& word) {
  constexpr std::array<std::string_view, 5> kExtensions = {".onnx", ".pt", ".pth", ".xml", ".torchscript"};
  return std::ranges::find(kExtensions, lower_extension(word)) != kExtensions.end();
}

// The word after --track, taken for its file, may be what stands there by itself.
void settle_tracking(AnnotateFlags& flags) {
  const std::string extension = lower_extension(flags.track);
  const bool is_file = extension == ".yaml" || extension == ".yml";
  if (!flags.track.empty() && flags.track != kTrackerItself && !is_file) {
    flags.words.insert(is_model_name(flags.track) ? flags.words.begin() : flags.words.end(), flags.track);
    flags.track = kTrackerItself;
  }
  const bool usual = flags.track == "bytetrack.yaml" && !is_there(flags.track);  // the one that Ultralytics brings
  if (is_file && !usual) flags.tracker_file = flags.track;
  if (flags.track.empty() && !flags.scene.empty()) flags.track = kTrackerItself;
}

Status choose_model(AnnotateFlags& flags) {
  std::vector<std::string>& words = flags.words;
  // YOLOX's demo.py begins with what kind of source it is; that is seen from the source.
  constexpr std::array<std::string_view, 3> kKinds = {"image", "video", "webcam"};
  const bool kind = !words.empty() && std::ranges::find(kKinds, words[0]) != kKinds.end() && !is_there(words[0]);
  const bool webcam = kind && words[0] == "webcam";
  if (kind) words.erase(words.begin());
  if (const auto cores = parse_whole(flags.checkpoint); cores && !is_there(flags.checkpoint)) {
    flags.threads = static_cast<int>(std::clamp<std::int64_t>(*cores, 1, 1024));  // -c of DeepSparse's annotate.py
    flags.checkpoint.clear();
  }
  if (!flags.checkpoint.empty()) {
    flags.model = flags.checkpoint;
  } else if (!words.empty()) {
    flags.model = words[0];
    words.erase(words.begin());
  } else if (const auto last = std::ranges::find_if(flags.sources, is_model_name); last != flags.sources.end()) {
    flags.model = *last;  // --source V.mp4 best.onnx
    flags.sources.erase(last);
  } else {
    return Error{ErrorCode::kInvalid, kind ? "the model is missing: name it with -c" : "MODEL is missing"};
  }
  flags.sources.insert(flags.sources.begin(), words.begin(), words.end());
  if (flags.camera >= 0 || (webcam && flags.sources.empty()))
    flags.sources.push_back(std::to_string(std::max(flags.camera, 0)));
  return {};
}

Status check_sense(const AnnotateFlags& flags) {
  const auto wrong = [](std::string message) { return Error{ErrorCode::kInvalid, std::move(message)}; };
  if (flags.sources.empty())
    return wrong("the source is missing: --source with a video, a camera's number, a URL, a picture or a folder");
  if (lower_case(flags.device) != "cpu") return wrong(fmt::format("--device {}: saker runs on the CPU", flags.device));
  if (!flags.events.empty() && flags.scene.empty()) return wrong("--events wants lines or zones: --scene FILE");
  if (flags.motion_gate && (flags.inter > 1 || flags.batch > 1))
    return wrong("--motion-gate looks at one frame after the other: not with --inter or --batch");
  int to_stdout = 0;
  for (const std::string* path : {&flags.json, &flags.jsonl, &flags.mot, &flags.events}) to_stdout += *path == "-";
  if (to_stdout > 1) return wrong("two outputs go to stdout: give one a file");
  return check_json(flags.json);
}

}  // namespace

void add_annotate_flags(CLI::App& app, AnnotateFlags& flags) {
  add_detector_flags(app, flags);
  app.remove_option(app.get_option("MODEL"));
  app.get_option("--conf")->each([&flags](const std::string&) { flags.conf_given = true; });
  add_source_flags(app, flags);
  add_output_flags(app, flags);
  add_tracking_flags(app, flags);
  add_other_names(app, flags);
  app.remove_option(app.get_option("--jpeg-scale"));  // the pictures are drawn on
  app.footer(kExamples);
}

Status settle(AnnotateFlags& flags) {
  settle_tracking(flags);
  SAKER_TRY(choose_model(flags));
  if (flags.image_shape.size() == 2) flags.size = {flags.image_shape[0], flags.image_shape[1]};
  return check_sense(flags);
}

}  // namespace saker::cli
