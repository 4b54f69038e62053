// What saker loadtest is told.
#include "load_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "flags.h"
#include "pipeline/picture_files.h"

namespace saker::cli {
namespace {

constexpr std::size_t kMaxBody = std::size_t{256} << 20;  // bytes of one
constexpr std::size_t kMaxBodies = std::size_t{1} << 30;  // bytes of all: they are kept in memory
constexpr const char* kDetect = "/v1/detect";

std::string type_of(const std::string& path) {
  constexpr std::array<std::pair<std::string_view, const char*>, 9> kTypes = {{{".jpg", "image/jpeg"},
                                                                               {".jpeg", "image/jpeg"},
                                                                               {".png", "image/png"},
                                                                               {".webp", "image/webp"},
                                                                               {".bmp", "image/bmp"},
                                                                               {".gif", "image/gif"},
                                                                               {".tif", "image/tiff"},
                                                                               {".tiff", "image/tiff"},
                                                                               {".json", "application/json"}}};
  const std::string extension = lower_extension(path);
  const auto found = std::ranges::find(kTypes, extension, &std::pair<std::string_view, const char*>::first);
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

bool fits_in_a_line(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// All but the body's own fields.
std::string common_fields(const LoadFlags& flags, const serve::Url& url) {
  std::string fields = fmt::format("Host: {}\r\nUser-Agent: saker-loadtest\r\n", url.authority());
  if (!flags.token.empty()) fields += fmt::format("Authorization: Bearer {}\r\n", flags.token);
  for (const std::string& header : flags.headers) fields += header + "\r\n";
  return fields;
}

serve::PreparedRequest prepare(const std::string& first_line, const std::string& fields, const std::string& type,
                               std::string body) {
  serve::PreparedRequest request;
  request.head =
      fmt::format("{}{}Content-Type: {}\r\nContent-Length: {}\r\n\r\n", first_line, fields, type, body.size());
  request.body = std::make_shared<const std::string>(std::move(body));
  return request;
}

Result<std::string> read_body(const std::string& path) {
  SAKER_ASSIGN(const FileBytes file, read_file(path, kMaxBody));
  return std::string(reinterpret_cast<const char*>(file.data.get()), file.size);
}

template <typename Value, typename Parse>
Result<std::vector<Value>> numbers(const std::string& flag, const std::vector<std::string>& texts, double low,
                                   double high, Parse parse) {
  std::vector<Value> values;
  for (const std::string& text : texts) {
    const auto value = parse(text);
    if (!value || static_cast<double>(*value) < low || static_cast<double>(*value) > high) {
      return Error{ErrorCode::kInvalid, fmt::format("{} {}: write numbers between {} and {}, such as {} 1,2,4,8", flag,
                                                    printable_name(text), low, high, flag)};
    }
    values.push_back(static_cast<Value>(*value));
  }
  return values;
}

}  // namespace

void add_load_flags(CLI::App& app, LoadFlags& flags) {
  app.add_option("URL", flags.url, "the server: http://HOST:PORT, with a path if --target is not given")
      ->option_text(" ")
      ->required();
  add_repeated(app, "--source,-s", "PATH", flags.sources,
               "pictures to send, each as a body: files, folders, globs, lists; repeatable");
  add_value(app, "--body", "FILE", flags.body, "one body to send in place of pictures");
  add_value(app, "--content-type", "TYPE", flags.content_type, "of the bodies [by the files' names]");
  add_value(app, "--target", "PATH", flags.target, "path and query [the URL's; for pictures /v1/detect]");
  add_value(app, "--method", "NAME", flags.method, "[POST with a body, else GET]");
  add_value(app, "--model", "NAME", flags.model, "added to the query as model=NAME");
  add_value(app, "--token", "TEXT", flags.token, "sent as Authorization: Bearer TEXT");
  add_repeated(app, "--header", "NAME:VALUE", flags.headers, "sent with each request; repeatable");
  add_list(app, "--concurrency,-c", "N,...", flags.concurrency,
           "closed loop: so many clients, each of which sends when it has its answer [1]");
  add_list(app, "--rate,-r", "N,...", flags.rates,
           "open loop: so many requests a second, at random times (Poisson), however fast\nthe server is");
  add_value(app, "--duration", "SECONDS", flags.duration, fmt::format("of each of them [{}]", flags.duration))
      ->check(number_between(0.1, 86400));
  add_value(app, "--warmup", "SECONDS", flags.warmup, fmt::format("before each, not counted [{}]", flags.warmup))
      ->check(number_between(0, 3600));
  add_value(app, "--timeout", "SECONDS", flags.timeout, fmt::format("of a request [{}]", flags.timeout))
      ->check(number_between(0.01, 3600));
  add_value(app, "--connections", "N", flags.connections,
            fmt::format("open loop: at most so many at a time [{}]", flags.connections))
      ->check(whole_number(1, 60000));
  add_seed(app, flags.seed);
  add_json(app, flags.json);
  add_value(app, "--plot", "FILE", flags.plot, "throughput and latency as curves: .png, .jpg, or .html with the table");
  app.add_flag("--quiet,-q", flags.quiet, "no progress on the terminal");
}

Status check_load_flags(const LoadFlags& flags) {
  const auto wrong = [](std::string text) { return Error{ErrorCode::kInvalid, std::move(text)}; };
  if (!flags.concurrency.empty() && !flags.rates.empty())
    return wrong("--concurrency is a closed loop and --rate an open one: give one of them");
  if (!flags.body.empty() && !flags.sources.empty()) return wrong("--body and --source both say what to send");
  if (!flags.target.empty() && !flags.target.starts_with('/')) return wrong("--target is a path: it begins with /");
  for (const auto& [flag, text] : {std::pair("--target", flags.target), {"--method", flags.method}}) {
    if (text.find_first_of(" \t") != std::string::npos || !fits_in_a_line(text))
      return wrong(fmt::format("{}: no space may be in it", flag));
  }
  for (const auto& [flag, text] : {std::pair("--token", flags.token), {"--content-type", flags.content_type}}) {
    if (!fits_in_a_line(text)) return wrong(fmt::format("{}: no control character may be in it", flag));
  }
  for (const std::string& header : flags.headers) {
    const std::size_t colon = header.find(':');
    if (colon == 0 || colon == std::string::npos || !fits_in_a_line(header))
      return wrong(fmt::format("--header {}: write NAME:VALUE", printable_name(header)));
  }
  const std::string extension = lower_extension(flags.plot);
  constexpr std::array<std::string_view, 5> kPlots = {".png", ".jpg", ".jpeg", ".html", ".htm"};
  if (!flags.plot.empty() && std::ranges::find(kPlots, extension) == kPlots.end())
    return wrong(fmt::format("--plot {}: its name must end in .png, .jpg or .html", printable_name(flags.plot)));
  SAKER_TRY(load_stages(flags));
  const auto url = serve::parse_url(flags.url);
  return url.ok() ? Status() : url.error();
}

Result<std::vector<serve::LoadStage>> load_stages(const LoadFlags& flags) {
  std::vector<serve::LoadStage> stages;
  SAKER_ASSIGN(const auto rates, (numbers<double>("--rate", flags.rates, 0.001, 1e6, parse_number)));
  SAKER_ASSIGN(const auto clients, (numbers<int>("--concurrency", flags.concurrency, 1, 60000, parse_whole)));
  for (const double rate : rates) stages.push_back({.rate = rate});
  for (const int count : clients) stages.push_back({.concurrency = count});
  if (stages.empty()) stages.push_back({.concurrency = 1});
  return stages;
}

Result<serve::LoadOptions> load_options(const LoadFlags& flags, std::vector<std::string>& notes) {
  serve::LoadOptions options;
  SAKER_ASSIGN(options.url, serve::parse_url(flags.url));
  if (!flags.target.empty()) {
    options.url.target = flags.target;
  } else if (!flags.sources.empty() && options.url.target == "/") {
    options.url.target = kDetect;
  }
  std::string& target = options.url.target;
  if (!flags.model.empty())
    target += fmt::format("{}model={}", target.find('?') == std::string::npos ? '?' : '&',
                          serve::percent_encoded(flags.model));
  options.duration_s = flags.duration;
  options.warmup_s = flags.warmup;
  options.timeout_s = flags.timeout;
  options.max_connections = flags.connections;
  options.seed = flags.seed;

  const bool bodies = !flags.body.empty() || !flags.sources.empty();
  const std::string method = !flags.method.empty() ? flags.method : bodies ? "POST" : "GET";
  const std::string first_line = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  const std::string fields = common_fields(flags, options.url);
  if (!bodies) {
    options.requests.push_back({first_line + fields + "\r\n", nullptr});
    return options;
  }
  std::vector<PictureFile> files = {{flags.body, "", true}};
  if (flags.body.empty()) files = list_pictures(flags.sources, &notes);
  std::size_t all = 0;
  for (const PictureFile& file : files) {
    if (!file.error.empty()) return Error{ErrorCode::kNotFound, file.error};
    SAKER_ASSIGN(std::string body, read_body(file.path));
    all += body.size();
    if (all > kMaxBodies)
      return Error{ErrorCode::kLimit, fmt::format("the bodies take more than 1 GiB: send fewer of them")};
    options.requests.push_back(prepare(
        first_line, fields, flags.content_type.empty() ? type_of(file.path) : flags.content_type, std::move(body)));
  }
  if (options.requests.empty()) return Error{ErrorCode::kNotFound, "--source: there is no picture"};
  return options;
}

}  // namespace saker::cli
