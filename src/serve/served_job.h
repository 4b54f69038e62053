// Requests that wait for a model, and the parts of the model that they need.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "serve/network.h"
#include "serve/recorder.h"

namespace saker::serve {

// Lives as long as the model or a request to it.
struct ServedParts {
  ServedParts(std::string its_name, std::int64_t its_version, Network its_network, MetricRegistry* metrics)
      : name(std::move(its_name)),
        version(its_version),
        network(std::move(its_network)),
        recorder(name, version, metrics) {}

  const std::string name;
  const std::int64_t version;
  Network network;
  Recorder recorder;
  BoxOptions boxes;
  std::int64_t max_pixels = 0;
  Scheduler* scheduler = nullptr;
  LaneId lane = 0;
};

// Is answered once: with a result by finish(), with a refusal by refuse(), or at the latest when it is destroyed.
class ServedJob : public Job {
 public:
  ServedJob(std::shared_ptr<ServedParts> parts, const JobOptions& options);

  virtual bool is_picture() const = 0;
  virtual bool is_request() const { return true; }  // of a client, and counted as one
  // What can be done apart from the session, on any thread; `problem` is set where it cannot.
  virtual void prepare() {}
  // Puts it into place `slot` of the worker's inputs. A refusal: it takes no part in the run.
  virtual std::optional<Refusal> write(int worker, int slot) = 0;
  // After the run. Answers.
  virtual void finish(std::span<const TensorView> outputs, int slot) = 0;

  void refuse(Refusal refusal);
  void drop(Dropped why) override;

  bool answered() const { return answered_; }
  int rows() const { return options().pictures; }

  const Time submitted;
  RequestTimes ms;
  std::optional<Refusal> problem;

 protected:
  virtual void send(Refusal refusal) = 0;
  void count_answer();  // before the result is sent

  const std::shared_ptr<ServedParts> parts_;
  bool answered_ = false;
};

// Wants the boxes of one picture.
class BoxJob : public ServedJob {
 public:
  using ServedJob::ServedJob;
  bool is_picture() const override { return true; }

 protected:
  // What write() and finish() come down to. Without boxes it has been refused.
  template <typename View>
  std::optional<Refusal> fit(const View& view, int worker, int slot);
  std::optional<std::vector<Detection>> read(std::span<const TensorView> outputs, int slot, const BoxOptions& options);

 private:
  Placement placement_;
};

class PictureJob final : public BoxJob {
 public:
  using Done = std::function<void(Outcome<PictureAnswer>)>;
  PictureJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, PictureRequest request, Done done);
  ~PictureJob() override;

  void prepare() override;
  std::optional<Refusal> write(int worker, int slot) override;
  void finish(std::span<const TensorView> outputs, int slot) override;

 private:
  void send(Refusal refusal) override;

  PictureRequest request_;
  Done done_;
  Image picture_;
  ImageSize size_;
};

class FrameJob final : public BoxJob {
 public:
  using Done = std::function<void(Outcome<FrameAnswer>)>;
  FrameJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, FrameRequest request, Done done);
  ~FrameJob() override;

  bool is_request() const override { return false; }
  std::optional<Refusal> write(int worker, int slot) override;
  void finish(std::span<const TensorView> outputs, int slot) override;

 private:
  void send(Refusal refusal) override;

  FrameRequest request_;
  Done done_;
};

class TensorJob final : public ServedJob {
 public:
  using Done = std::function<void(Outcome<TensorAnswer>)>;
  TensorJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, TensorRequest request, Done done);
  ~TensorJob() override;

  bool is_picture() const override { return false; }
  std::optional<Refusal> write(int worker, int slot) override;
  void finish(std::span<const TensorView> outputs, int slot) override;

 private:
  void send(Refusal refusal) override;

  TensorRequest request_;
  Done done_;
};

}  // namespace saker::serve
