#include "serve/api/detect_pictures.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "base/text.h"
#include "serve/api/multipart.h"

namespace saker::serve {
namespace {

constexpr std::size_t kLongestField = 4096;  // bytes

bool is_url(std::string_view text) {
  const std::string begin = lower_case(trimmed(text.substr(0, 64)));
  return begin.starts_with("http://") || begin.starts_with("https://") || begin.starts_with("ftp://") ||
         begin.starts_with("file://");
}

Refusal no_urls() {
  return {Reason::kBadRequest, "this is a URL: nothing is fetched here, send the picture's bytes"};
}

// A file of a form, or what a program sends as one without naming it.
bool is_file(const FormPart& part) {
  if (part.has_filename) return true;
  const std::string type = lower_case(part.content_type);
  return type.starts_with("image/") || type.starts_with("application/octet-stream");
}

std::optional<Refusal> add_part(const FormPart& part, GivenPictures& out) {
  const std::string name = printable_name(part.filename.empty() ? part.name : part.filename);
  if (is_url(part.body)) return no_urls();
  if (is_file(part)) {
    if (part.body.empty()) return Refusal{Reason::kBadRequest, fmt::format("the picture {} is empty", name)};
    out.pictures.push_back({name, part.body});
    return std::nullopt;
  }
  if (part.body.size() > kLongestField) {
    return Refusal{
        Reason::kBadRequest,
        fmt::format("the field {} is too long; a picture needs a file name, as in curl -F '{}=@a.jpg'", name, name)};
  }
  if (!out.fields.emplace(part.name, trimmed(part.body)).second) {
    return Refusal{Reason::kBadRequest, fmt::format("the field {} is there twice", name)};
  }
  return std::nullopt;
}

// Answers come on several workers at a time.
class Gathered {
 public:
  Gathered(std::size_t pictures, DetectDone done) : outcomes_(pictures), missing_(pictures), done_(std::move(done)) {}

  void add(std::size_t index, Outcome<PictureAnswer> outcome) {
    std::unique_lock lock(mutex_);
    if (!done_) return;
    const auto* refusal = std::get_if<Refusal>(&outcome);
    if (refusal != nullptr && !is_about_picture(*refusal)) {
      outcomes_.assign(1, std::move(outcome));
    } else {
      outcomes_[index] = std::move(outcome);
      if (--missing_ > 0) return;
    }
    const DetectDone done = std::exchange(done_, nullptr);
    lock.unlock();
    done(std::move(outcomes_));
  }
  bool is_answered() const {
    const std::lock_guard lock(mutex_);
    return !done_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Outcome<PictureAnswer>> outcomes_;
  std::size_t missing_;
  DetectDone done_;
};

}  // namespace

Outcome<GivenPictures> given_pictures(const HttpRequest& request) {
  const std::string* type = request.header("Content-Type");
  GivenPictures out;
  if (type == nullptr || !is_multipart(*type)) {
    if (request.body.empty()) return Refusal{Reason::kBadRequest, "the body is empty; it is to be a picture"};
    if (is_url(request.body)) return no_urls();
    out.pictures.push_back({"picture", request.body});
    return out;
  }
  auto parsed = parse_multipart(*type, request.body);
  if (auto* refusal = std::get_if<Refusal>(&parsed)) return std::move(*refusal);
  for (const FormPart& part : std::get<std::vector<FormPart>>(parsed)) {
    if (auto refusal = add_part(part, out)) return std::move(*refusal);
  }
  if (out.pictures.empty()) {
    return Refusal{Reason::kBadRequest,
                   "the form has no picture: a part with a file name, as in curl -F 'image=@a.jpg'"};
  }
  return out;
}

bool is_about_picture(const Refusal& refusal) {
  return refusal.reason == Reason::kUndecodable || refusal.reason == Reason::kTooLarge;
}

void detect_pictures(const std::shared_ptr<ServedModel>& model, const std::shared_ptr<const HttpRequest>& request,
                     const std::vector<GivenPicture>& pictures, const BoxOptions& boxes, bool keep_pictures,
                     const JobOptions& job, DetectDone done) {
  const auto gathered = std::make_shared<Gathered>(pictures.size(), std::move(done));
  for (std::size_t i = 0; i < pictures.size() && !gathered->is_answered(); ++i) {
    const std::string_view bytes = pictures[i].bytes;
    PictureRequest one;
    one.bytes = {request, std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())};
    one.name = pictures[i].name;
    one.boxes = boxes;
    one.keep_picture = keep_pictures;
    // The model stays until its answer: a repository counts who holds it.
    model->detect(std::move(one), job,
                  [gathered, model, i](Outcome<PictureAnswer> outcome) { gathered->add(i, std::move(outcome)); });
  }
}

}  // namespace saker::serve
