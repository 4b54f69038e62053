#include "serve/http/response_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.h"
#include "report/json.h"

namespace saker::serve {
namespace {

// Those that say where the answer ends and what becomes of the connection, and those that stand there already.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 9> kOurs = {"connection",        "content-length", "content-type",
                                                     "transfer-encoding", "server",         "date",
                                                     "x-request-id",      "keep-alive",     "trailer"};
  return std::ranges::find(kOurs, lower_case(name)) != kOurs.end();
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void add_line(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ");
  for (const char c : value) text.push_back(static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c);
  text.append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

bool without_body(int status) {
  return status == 204 || status == 304 || status / 100 == 1;
}

const std::string& http_date() {
  thread_local std::time_t made = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == made) return text;
  made = now;
  std::tm utc = {};
  ::gmtime_r(&now, &utc);
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  text = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                     utc.tm_sec);
  return text;
}

std::string response_head(const HttpResponse& response, const ResponseLines& lines) {
  std::string text;
  text.reserve(256);
  text += fmt::format("HTTP/1.1 {} {}\r\nServer: saker\r\nDate: {}\r\n", response.status,
                      reason_phrase(response.status), http_date());
  const bool has_body = !without_body(response.status);
  if (has_body && !response.content_type.empty()) add_line(text, "Content-Type", response.content_type);
  if (has_body && lines.end == BodyEnd::kLength) text += fmt::format("Content-Length: {}\r\n", response.body.size());
  if (has_body && lines.end == BodyEnd::kChunks) text += "Transfer-Encoding: chunked\r\n";
  if (lines.close) {
    text += "Connection: close\r\n";
  } else if (!lines.http11) {
    text += "Connection: keep-alive\r\n";
  }
  if (!lines.id.empty()) add_line(text, "X-Request-Id", lines.id);
  for (const auto& [name, value] : response.headers) {
    if (is_name(name) && !is_ours(name)) add_line(text, name, value);
  }
  return text += "\r\n";
}

HttpResponse transport_error(int status, std::string_view message) {
  HttpResponse response;
  response.status = status;
  Json json = Json::object();
  json["error"] = message;
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

}  // namespace saker::serve
