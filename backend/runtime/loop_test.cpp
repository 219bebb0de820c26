// Tasks, completions and groups on the real loop.
#include "runtime/loop.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/completion.hpp"
#include "runtime/task.hpp"

namespace onsale {
namespace {

Task<int> ready_number() { return 42; }
Task<int> coroutine_number() { co_return 7; }
Task<std::unique_ptr<int>> move_only() { co_return std::make_unique<int>(3); }

Task<void> add_numbers(int* out) {
  Task<int> first = ready_number();
  Task<int> second = coroutine_number();
  *out = co_await std::move(first) + co_await std::move(second);
  auto owned = co_await move_only();
  *out += *owned;
}

TEST(Task, ReadyValuesAndCoroutinesAreAwaitedAlike) {
  EXPECT_TRUE(ready_number().is_ready());
  EXPECT_FALSE(coroutine_number().is_ready());
  int sum = 0;
  detach(add_numbers(&sum));
  EXPECT_EQ(sum, 52);
}

Task<void> count_down(int depth, int* ends) {
  if (depth > 0) co_await count_down(depth - 1, ends);
  ++*ends;
}

TEST(Task, ChainsResumeEachOther) {
  int ends = 0;
  detach(count_down(1000, &ends));
  EXPECT_EQ(ends, 1001);
}

TEST(Task, DestroyedUnstartedItDoesNothing) {
  int ends = 0;
  {
    const Task<void> never = count_down(1, &ends);
  }
  EXPECT_EQ(ends, 0);
}

// Runs `work` as the first thing of a fresh loop on this thread; it ends the loop itself.
void on_loop(AsioScheduler& loop, std::function<void()> work) {
  loop.post(std::move(work));
  loop.run();
}

TEST(AsioScheduler, RunsPostedWorkInOrderAndIsCurrent) {
  AsioScheduler loop;
  std::string order;
  EXPECT_EQ(Scheduler::current(), nullptr);
  on_loop(loop, [&] {
    EXPECT_EQ(Scheduler::current(), &loop);
    loop.post([&] { order += "b"; });
    loop.post_after(Milliseconds{20}, [&] {
      order += "d";
      loop.stop();
    });
    loop.post_after(Milliseconds{1}, [&] { order += "c"; });
    order += "a";
  });
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(Scheduler::current(), nullptr);
}

Task<void> await_and_note(Completion<int>* completion, AsioScheduler* loop, int* out) {
  *out = co_await *completion;
  EXPECT_EQ(Scheduler::current(), loop);  // back on its own loop
  loop->stop();
}

TEST(Completion, WaiterResumesOnItsOwnLoop) {
  AsioScheduler loop;
  Completion<int> completion;
  std::thread elsewhere;
  int got = 0;
  on_loop(loop, [&] {
    detach(await_and_note(&completion, &loop, &got));
    elsewhere = std::thread([&] { completion.complete(5); });
  });
  elsewhere.join();
  EXPECT_EQ(got, 5);
}

TEST(Completion, MayBeCompleteBeforeItIsAwaited) {
  AsioScheduler loop;
  Completion<int> completion;
  int got = 0;
  completion.complete(6);
  on_loop(loop, [&] { detach(await_and_note(&completion, &loop, &got)); });
  EXPECT_EQ(got, 6);
}

Task<void> nap(AsioScheduler* loop, std::vector<int>* woken, int number) {
  co_await loop->sleep_for(Milliseconds{number});
  woken->push_back(number);
}

TEST(TaskGroup, CountsWhatRunsAndStartsNothingOnceClosed) {
  AsioScheduler loop;
  TaskGroup group;
  std::vector<int> woken;
  on_loop(loop, [&] {
    EXPECT_TRUE(group.spawn(nap(&loop, &woken, 30)));
    EXPECT_TRUE(group.spawn(nap(&loop, &woken, 1)));
    EXPECT_EQ(group.running(), 2U);
    group.close();
    EXPECT_FALSE(group.spawn(nap(&loop, &woken, 5)));
    loop.post_after(Milliseconds{60}, [&] { loop.stop(); });
  });
  EXPECT_EQ(group.running(), 0U);
  EXPECT_EQ(woken, (std::vector<int>{1, 30}));
}

}  // namespace
}  // namespace onsale
