// DeepStack's detection, as its clients know it: Frigate, Viseron, Shinobi, Blue Iris; CodeProject.AI's, too.
#pragma once

#include "serve/api/route.h"

namespace saker::serve {

// A form with a picture, `min_confidence` and `api_key`. The query may have what /v1/detect takes.
void deepstack_route(const std::shared_ptr<ApiContext>& context, Call call);

}  // namespace saker::serve
