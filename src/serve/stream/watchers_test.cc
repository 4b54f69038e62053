#include "serve/stream/watchers.h"

#include <gtest/gtest.h>

#include "serve/stream/stream_testing.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using testing::Onlooker;

constexpr auto kEvents = StreamFormat::kEvents, kPictures = StreamFormat::kPictures;
const Time kStart = Time(1h);

SharedText text(std::string what) {
  return std::make_shared<const std::string>(std::move(what));
}

std::shared_ptr<Onlooker> join(Watchers& watchers, StreamFormat format, Duration gap = {}, Time now = kStart) {
  auto one = std::make_shared<Onlooker>();
  watchers.add(one->request(), one, format, gap, now);
  return one;
}

TEST(Watchers, GetWhatTheyAskedFor) {
  Watchers watchers;
  EXPECT_FALSE(watchers.wants(kEvents, kStart));
  const auto events = join(watchers, kEvents);
  EXPECT_TRUE(watchers.wants(kEvents, kStart));
  EXPECT_FALSE(watchers.wants(kPictures, kStart)) << "nothing is drawn that nobody sees";
  const auto pictures = join(watchers, kPictures);
  watchers.show(kEvents, text("e"), kStart);
  watchers.show(kPictures, text("p"), kStart);
  watchers.tell(text("n"), kStart);
  EXPECT_EQ(events->text(), "en");
  EXPECT_EQ(pictures->text(), "p");
  watchers.end(text("!"));
  EXPECT_EQ(events->text(), "en!");
  EXPECT_EQ(pictures->text(), "p");
  EXPECT_TRUE(events->ended() && pictures->ended());
  EXPECT_TRUE(watchers.empty());
}

TEST(Watchers, TheSlowLoseFramesAndNobodyElse) {
  Watchers watchers;
  const auto slow = join(watchers, kPictures), quick = join(watchers, kPictures);
  slow->read(false);
  for (int i = 0; i < 5; ++i) watchers.show(kPictures, text(std::to_string(i)), kStart + i * 1s);
  slow->read(true);
  watchers.show(kPictures, text("5"), kStart + 5s);
  EXPECT_EQ(quick->text(), "012345");
  EXPECT_EQ(slow->text(), "5") << "the newest, when there is room again";
  EXPECT_EQ(watchers.left_out(), 5U);
}

TEST(Watchers, GetNoMoreThanTheyWant) {
  Watchers watchers;
  const auto all = join(watchers, kEvents), some = join(watchers, kEvents, 200ms);
  for (int i = 0; i < 50; ++i) watchers.show(kEvents, text("x"), kStart + i * 40ms);
  EXPECT_EQ(all->pieces(), 50U);
  EXPECT_EQ(some->pieces(), 10U) << "five in each of two seconds";
  EXPECT_EQ(watchers.left_out(), 0U) << "they lose nothing that they wanted";
  // After a pause there is no rush.
  for (int i = 0; i < 10; ++i) watchers.show(kEvents, text("x"), kStart + 60s + i * 40ms);
  EXPECT_EQ(some->pieces(), 12U);
}

TEST(Watchers, SignsOfLifeComeWhereNothingElseDoes) {
  Watchers watchers;
  const auto events = join(watchers, kEvents), pictures = join(watchers, kPictures);
  watchers.show(kPictures, text("last"), kStart);
  watchers.beat(kStart + Watchers::kQuiet - 1ms);
  EXPECT_EQ(events->text(), "");
  watchers.beat(kStart + Watchers::kQuiet);
  EXPECT_EQ(events->text(), ": \n\n") << "a comment";
  EXPECT_EQ(pictures->text(), "lastlast") << "the last picture again";
  watchers.beat(kStart + Watchers::kQuiet + 1s);
  EXPECT_EQ(events->text(), ": \n\n");
  watchers.show(kEvents, text("e"), kStart + 20s);
  watchers.beat(kStart + 2 * Watchers::kQuiet);
  EXPECT_EQ(events->text(), ": \n\ne") << "who has been sent something needs none";
}

TEST(Watchers, WhoHasGoneIsForgotten) {
  Watchers watchers;
  const auto one = join(watchers, kEvents), two = join(watchers, kPictures);
  one->leave();
  watchers.beat(kStart);
  EXPECT_TRUE(one->ended());
  EXPECT_EQ(watchers.size(), 1U);
  watchers.show(kEvents, text("e"), kStart);
  EXPECT_EQ(one->text(), "");
  EXPECT_FALSE(two->ended());
}

}  // namespace
}  // namespace saker::serve
