// POST /v1/detect: pictures in, boxes out, as JSON or drawn.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

void detect_route(const std::shared_ptr<ApiContext>& context, Call call);

// {"model","version","width","height","boxes":[...],"ms":{...},"batch"}, numbers as `saker detect --json` prints them.
// `first`: members to go before them, each with its comma.
std::string picture_json(const ServedModel& model, const PictureAnswer& answer, const std::string& first = "");

}  // namespace saker::serve
