// Clients that mean harm against a running server, and a good one beside them, which must be served all the while:
// hurt requests by the thousand, connections that send a byte now and then, clients that leave in the middle.
//
//   hostile_clients PORT PID [REQUESTS [SLOW [PICTURE]]]     PID: the server's, whose memory and descriptors are
//   watched
//
// Exit code 1: the server has gone, the good client was not served, or memory or descriptors have grown.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "serve/http/raw_client.h"
#include "serve/http/request_samples.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;

struct Watched {
  long rss_kb = 0;
  long descriptors = 0;
};

Watched look_at(const std::string& pid) {
  Watched now;
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) now.rss_kb = std::atol(line.c_str() + 6);
  }
  std::error_code error;
  const std::filesystem::directory_iterator all("/proc/" + pid + "/fd", error);
  if (!error) now.descriptors = std::distance(all, std::filesystem::directory_iterator());
  return now;
}

std::string post(const std::string& target, const std::string& type, const std::string& body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", target, type,
                     body.size(), body);
}

// What the protocols take, as far as it fits into few bytes.
std::vector<std::string> protocol_requests(const std::string& picture) {
  const std::string json = "application/json";
  const std::string part =
      "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n" +
      picture + "\r\n--b--\r\n";
  return {
      "GET /v2 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /v2/models/m HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /v2/models/m/versions/1/stats HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /v2/models/%2e%2e%2f%00/ready HTTP/1.1\r\nHost: h\r\n\r\n",
      post("/v2/models/m/infer", json,
           R"({"id":"1","inputs":[{"name":"images","shape":[1,3,2,2],"datatype":"FP32","data":[1,2,3,4]}]})"),
      post("/v2/models/m/infer", json,
           R"({"inputs":[{"name":"images","shape":[1],"datatype":"BYTES","data":["aGVsbG8="]}],"parameters":{}})"),
      post("/v2/repository/index", json, "{}"),
      post("/v2/repository/models/..%2f..%2fx/load", json, R"({"parameters":{"config":"x"}})"),
      post("/v1/detect?conf=0.5&iou=abc&format=json", "image/jpeg", picture),
      post("/v1/vision/detection", "multipart/form-data; boundary=b", part),
      post("/v1/detect", "multipart/form-data; boundary=b", part),
  };
}

std::string hurt(PortableRandom& random, const std::vector<std::string>& protocols) {
  if (random.below(2) == 0) return mutated_request(random);
  std::string bytes = protocols[random.below(protocols.size())];
  for (std::uint64_t i = random.below(4); i > 0 && !bytes.empty(); --i) {
    const std::size_t at = random.below(bytes.size());
    switch (random.below(4)) {
      case 0:
        bytes[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        bytes.erase(at, 1 + random.below(3));
        break;
      case 2:
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(20)));
        break;
      default:
        if (random.below(4) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

struct Tally {
  std::map<int, std::uint64_t> statuses;
  std::uint64_t without_answer = 0, refused_connections = 0;
};

Tally attack(std::uint16_t port, std::uint64_t requests, std::uint64_t seed, const std::vector<std::string>& protocols,
             std::atomic<std::uint64_t>& done) {
  Tally tally;
  PortableRandom random(seed);
  for (std::uint64_t i = 0; i < requests; ++i, ++done) {
    RawClient client(port, 10);
    if (!client.connected()) {
      ++tally.refused_connections;
      std::this_thread::sleep_for(10ms);
      continue;
    }
    client.send(hurt(random, protocols));
    if (random.below(8) == 0) {
      client.reset();
      continue;
    }
    if (random.below(8) == 0) continue;
    client.end_sending();
    const auto response = client.response(true);
    if (response) {
      ++tally.statuses[response->status];
    } else {
      ++tally.without_answer;
    }
  }
  return tally;
}

// Sends a byte to each of them now and then, and opens those again that were closed.
void drip(std::uint16_t port, int count, const std::atomic<bool>& over) {
  std::vector<std::unique_ptr<RawClient>> slow(static_cast<std::size_t>(count));
  while (!over) {
    for (auto& client : slow) {
      if (over) return;
      if (client != nullptr && client->send("b")) continue;
      client = std::make_unique<RawClient>(port);
      client->send("POST /v1/detect HTTP/1.1\r\nHost: h\r\nX-Header: a");
    }
    std::this_thread::sleep_for(500ms);
  }
}

struct Served {
  std::uint64_t ok = 0, overloaded = 0, failed = 0;
  double worst_ms = 0;
};

Served be_good(std::uint16_t port, const std::string& request, const std::atomic<bool>& over) {
  Served served;
  while (!over) {
    RawClient client(port, 30);
    for (int i = 0; i < 20 && !over; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const auto response = client.exchange(request);
      const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      served.worst_ms = std::max(served.worst_ms, ms);
      if (response && response->status == 200) {
        ++served.ok;
      } else if (response && response->status == 503) {
        ++served.overloaded;
      } else {
        ++served.failed;
        break;
      }
      std::this_thread::sleep_for(20ms);
    }
  }
  return served;
}

std::string picture_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int report(const Tally& tally, const Served& served, const Watched& before, const Watched& after, bool settled) {
  for (const auto& [status, count] : tally.statuses) fmt::print("  {}: {}\n", status, count);
  fmt::print("  no answer: {}; connection refused: {}\n", tally.without_answer, tally.refused_connections);
  fmt::print("good client: {} answers, {} of 503, {} failed, the slowest {:.0f} ms\n", served.ok, served.overloaded,
             served.failed, served.worst_ms);
  fmt::print("memory {} -> {} KB, descriptors {} -> {}\n", before.rss_kb, after.rss_kb, before.descriptors,
             after.descriptors);
  const bool grown = after.rss_kb > before.rss_kb + before.rss_kb / 5 + 32'000 || !settled;
  if (after.rss_kb == 0) fmt::print("FAILED: the server has gone\n");
  if (served.failed > 0 || served.ok == 0) fmt::print("FAILED: the good client was not served\n");
  if (grown) fmt::print("FAILED: memory or descriptors have grown\n");
  if (tally.statuses.contains(500)) fmt::print("FAILED: answers of 500\n");
  return after.rss_kb == 0 || served.failed > 0 || served.ok == 0 || grown || tally.statuses.contains(500) ? 1 : 0;
}

int run(int count, char** words) {
  if (count < 3) {
    fmt::print(stderr, "usage: hostile_clients PORT PID [REQUESTS [SLOW [PICTURE]]]\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(words[1]));
  const std::string pid = words[2];
  const std::uint64_t requests = count > 3 ? std::strtoull(words[3], nullptr, 10) : 20'000;
  const int slow = count > 4 ? std::atoi(words[4]) : 200;
  const std::string picture = count > 5 ? picture_of(words[5]) : "";
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);

  const std::vector<std::string> protocols = protocol_requests(picture.substr(0, 4000));
  const std::string good =
      picture.empty() ? "GET /v2/health/live HTTP/1.1\r\nHost: h\r\n\r\n" : post("/v1/detect", "image/jpeg", picture);
  // A first part, so that what the server keeps anyway is there before it is looked at.
  std::atomic<std::uint64_t> done = 0;
  attack(port, requests / 20, 7, protocols, done);
  const Watched before = look_at(pid);
  done = 0;
  std::atomic<bool> over = false;
  std::thread dripping([&] { drip(port, slow, over); });
  Served served;
  std::thread serving([&] { served = be_good(port, good, over); });
  std::thread watching([&] {
    for (int i = 0; !over; ++i, std::this_thread::sleep_for(100ms)) {
      if (i % 300 == 299) fmt::print(stderr, "{} of {} requests, {} KB\n", done.load(), requests, look_at(pid).rss_kb);
    }
  });
  const Tally tally = attack(port, requests, 8, protocols, done);
  over = true;
  for (std::thread* thread : {&dripping, &serving, &watching}) thread->join();
  Watched after = look_at(pid);
  for (int i = 0; i < 200 && after.descriptors > before.descriptors + 8; ++i) {
    std::this_thread::sleep_for(100ms);
    after = look_at(pid);
  }
  fmt::print("{} hurt requests, {} slow connections\n", requests, slow);
  return report(tally, served, before, after, after.descriptors <= before.descriptors + 8);
}

}  // namespace
}  // namespace saker::serve

int main(int count, char** words) {
  return saker::serve::run(count, words);
}
