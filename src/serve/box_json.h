// A box as the server's own answers have it.
#pragma once

#include <saker/detector_spec.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker::serve {

// {"class_id":0,"label":"person","score":0.9,"x1":1.5,"y1":2,"x2":3,"y2":4}, with `more` before its end, as in
// ,"track":7
std::string box_json(const Detection& box, const std::vector<std::string>& labels, std::string_view more = {});

}  // namespace saker::serve
