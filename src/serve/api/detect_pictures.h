// Several pictures of one request through a model, and one answer when all are done.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/api/detect_options.h"

namespace saker::serve {

struct GivenPicture {
  std::string name;        // for messages and answers
  std::string_view bytes;  // of the request's body
};

// The pictures of a raw body or of a form. `fields`: a form's other parts, by name. Refusals: kBadRequest (no picture,
// a field twice or too long), those of parse_multipart; a URL in place of a picture:
// kBadRequest.
struct GivenPictures {
  std::vector<GivenPicture> pictures;
  Query fields;
};
Outcome<GivenPictures> given_pictures(const HttpRequest& request);

using DetectDone = std::function<void(std::vector<Outcome<PictureAnswer>>)>;

// Whether it is one picture's fault, so that those beside it may be answered.
bool is_about_picture(const Refusal& refusal);

// `done` gets an outcome for each picture, in their order; or one alone, a refusal that is about no picture, as soon as
// there is one: those that follow are not tried. It is called once, on a worker or before this returns. `request`:
// whose pictures they are; it is kept while they are needed.
void detect_pictures(const std::shared_ptr<ServedModel>& model, const std::shared_ptr<const HttpRequest>& request,
                     const std::vector<GivenPicture>& pictures, const BoxOptions& boxes, bool keep_pictures,
                     const JobOptions& job, DetectDone done);

}  // namespace saker::serve
