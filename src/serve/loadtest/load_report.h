// What a load test found, as tables, plots and JSON.
#pragma once

#include <string>
#include <vector>

#include "report/document.h"
#include "report/json.h"
#include "serve/loadtest/load.h"

namespace saker::serve {

// `target`: what was asked, for the title.
Document load_document(const std::string& target, const LoadOptions& options, const std::vector<LoadResult>& results,
                       bool with_plots);
Json load_json(const std::string& target, const LoadOptions& options, const std::vector<LoadResult>& results);

// Throughput and latency over the stages, side by side.
Image load_plot(const std::vector<LoadResult>& results);

// Errors of .html and .htm: as as_html(); else as write_image().
Status write_load_plot(const std::string& path, const Document& document, const std::vector<LoadResult>& results);

}  // namespace saker::serve
