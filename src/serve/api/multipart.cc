#include "serve/api/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"

namespace saker::serve {
namespace {

Refusal bad(std::string message) {
  return {Reason::kBadRequest, std::move(message)};
}

// "form-data; name=\"a\"; filename=\"b.jpg\"": the value, and the parameters by their names in small letters.
struct Parametrized {
  std::string value;  // in small letters
  std::map<std::string, std::string> parameters;
};

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

// The text between quotes, from behind the first; a backslash stands before a quote or another backslash, and for
// itself before anything else, as browsers of old send paths. `at` is set behind the last one. Nothing: there is no
// last one.
std::optional<std::string> quoted(std::string_view text, std::size_t& at) {
  std::string out;
  for (; at < text.size(); ++at) {
    if (text[at] == '"') {
      ++at;
      return out;
    }
    if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\')) ++at;
    out.push_back(text[at]);
  }
  return std::nullopt;
}

// Nothing: a parameter without a name or an end, or twice the same.
std::optional<Parametrized> parametrized(std::string_view text) {
  Parametrized out;
  std::size_t at = std::min(text.find(';'), text.size());
  out.value = lower_case(trimmed(text.substr(0, at)));
  while (at < text.size()) {
    ++at;  // the semicolon
    while (at < text.size() && is_space(text[at])) ++at;
    if (at == text.size()) break;
    const std::size_t equals = text.find_first_of("=;", at);
    if (equals == std::string_view::npos || text[equals] == ';') return std::nullopt;
    const std::string name = lower_case(trimmed(text.substr(at, equals - at)));
    at = equals + 1;
    std::string value;
    if (at < text.size() && text[at] == '"') {
      auto inner = quoted(text, ++at);
      if (!inner) return std::nullopt;
      value = std::move(*inner);
      while (at < text.size() && is_space(text[at])) ++at;
      if (at < text.size() && text[at] != ';') return std::nullopt;
    } else {
      const std::size_t end = std::min(text.find(';', at), text.size());
      value = trimmed(text.substr(at, end - at));
      at = end;
    }
    if (name.empty() || !out.parameters.emplace(name, std::move(value)).second) return std::nullopt;
  }
  return out;
}

// RFC 2046, 5.1.1: 1 to 70 characters of a set that has neither quotes nor control characters.
bool is_boundary(std::string_view text) {
  constexpr std::string_view kOthers = "'()+_,-./:=? ";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 70 && text.back() != ' ' && std::ranges::all_of(text, allowed);
}

// A header of a part into it.
std::optional<Refusal> read_header(std::string_view line, FormPart& part) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return bad("a header of a part has no name");
  const std::string name = lower_case(trimmed(line.substr(0, colon)));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-type") part.content_type = value;
  if (name == "content-transfer-encoding") {
    const std::string encoding = lower_case(value);
    if (encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
      return bad(fmt::format("a part is in Content-Transfer-Encoding {}; send its bytes as they are",
                             printable_name(value, 40)));
    }
  }
  if (name != "content-disposition") return std::nullopt;
  auto disposition = parametrized(value);
  if (!disposition || disposition->value != "form-data") {
    return bad(fmt::format("`{}` is no Content-Disposition of a form's part", printable_name(value, 120)));
  }
  const auto named = disposition->parameters.find("name");
  if (named != disposition->parameters.end()) part.name = std::move(named->second);
  const auto file = disposition->parameters.find("filename");
  part.has_filename = file != disposition->parameters.end();
  if (part.has_filename) part.filename = std::move(file->second);
  return std::nullopt;
}

Outcome<FormPart> read_part(std::string_view text, std::size_t number) {
  // A part without headers begins with the empty line that ends them.
  const std::string_view head = text.substr(0, kMostPartHeader + 4);
  const std::size_t end = head.starts_with("\r\n") ? 0 : head.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (text.size() > head.size()) return Refusal{Reason::kTooLarge, "the headers of a part are larger than 8 KiB"};
    return bad(fmt::format("the headers of part {} have no end", number));
  }
  FormPart part;
  std::string_view lines = text.substr(0, end);
  while (!lines.empty()) {
    const std::size_t length = std::min(lines.find("\r\n"), lines.size());
    if (auto refusal = read_header(lines.substr(0, length), part)) return std::move(*refusal);
    lines.remove_prefix(std::min(lines.size(), length + 2));
  }
  if (part.name.empty()) return bad(fmt::format("part {} has no name; give it one in Content-Disposition", number));
  part.body = text.substr(end == 0 ? 2 : end + 4);
  return part;
}

}  // namespace

bool is_multipart(std::string_view content_type) {
  const std::string_view kind = trimmed(content_type.substr(0, content_type.find(';')));
  return lower_case(kind) == "multipart/form-data";
}

Outcome<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body) {
  const auto type = parametrized(content_type);
  const auto found = type ? type->parameters.find("boundary") : std::map<std::string, std::string>::const_iterator();
  if (!type || found == type->parameters.end() || !is_boundary(found->second)) {
    return bad("the Content-Type multipart/form-data has no good boundary; let your HTTP library set it");
  }
  // A delimiter begins on a line of its own; that of the first part may be the body's first line.
  const std::string delimiter = "\r\n--" + found->second;
  std::vector<FormPart> parts;
  std::size_t at = 0;
  if (body.starts_with(std::string_view(delimiter).substr(2))) {
    at = delimiter.size() - 2;
  } else {
    const std::size_t first = body.find(delimiter);
    if (first == std::string_view::npos) return bad("the boundary of the Content-Type is not in the body");
    at = first + delimiter.size();
  }
  for (;;) {
    if (body.substr(at, 2) == "--") return parts;
    while (at < body.size() && is_space(body[at])) ++at;
    if (body.substr(at, 2) != "\r\n") return bad(fmt::format("boundary {} ends in no line", parts.size() + 1));
    at += 2;
    if (parts.size() == kMostParts) {
      return Refusal{Reason::kTooLarge, fmt::format("a form may have {} parts; send more requests", kMostParts)};
    }
    const std::size_t end = body.find(delimiter, at >= 2 ? at - 2 : at);
    if (end == std::string_view::npos) return bad(fmt::format("part {} has no end: the body is cut", parts.size() + 1));
    const std::string_view text = end > at ? body.substr(at, end - at) : std::string_view();
    auto part = read_part(text, parts.size() + 1);
    if (auto* refusal = std::get_if<Refusal>(&part)) return std::move(*refusal);
    parts.push_back(std::move(std::get<FormPart>(part)));
    at = end + delimiter.size();
  }
}

}  // namespace saker::serve
