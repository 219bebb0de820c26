// The evening, in its order: the doors, the crowd, the last seats, the review, the final map.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rehearsal/buyer.hpp"
#include "rehearsal/referee.hpp"
#include "rehearsal/script.hpp"
#include "rehearsal/stage.hpp"

namespace onsale::rehearsal {

class Crowd {
 public:
  explicit Crowd(Stage& stage);
  ~Crowd();

  // Plays the evening; stops the loop at its end.
  void begin();
  // Nobody new comes in; those inside finish. A second time: everybody out, at once.
  void ask_to_close();

  [[nodiscard]] std::string_view phase() const { return phase_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }  // why it could not begin
  [[nodiscard]] bool cut_short() const { return cut_short_; }  // ended before everybody was done
  [[nodiscard]] std::uint32_t expected_buyers() const { return expected_; }
  [[nodiscard]] Nanos opened() const { return opened_; }      // the first buyer could come
  [[nodiscard]] Nanos sold_out() const { return sold_out_; }  // first seen so; 0: never
  [[nodiscard]] const Board& board() const { return referee_.viewer().board(); }
  [[nodiscard]] std::uint32_t viewers_checked() const { return viewers_checked_; }
  [[nodiscard]] std::uint32_t viewers_absent() const { return viewers_absent_; }
  [[nodiscard]] Nanos crowd_seconds_nanos() const { return crowd_ended_ - opened_; }

 private:
  Script<> play();
  Script<bool> open_doors();
  Script<> let_in();
  Script<> sell_the_rest();
  Script<> review();
  Script<> compare_maps();
  void admit(Nanos arrival, bool determined);
  void see_out();
  bool look_for_sold_out();

  Stage& stage_;
  Connection connection_;
  Referee referee_;
  std::list<std::unique_ptr<Buyer>> inside_;
  std::vector<std::unique_ptr<Buyer>> customers_;  // gone, with orders: they are asked again
  std::vector<std::unique_ptr<Viewer>> viewers_;
  std::uint32_t admitted_ = 0;
  std::uint32_t expected_ = 0;
  std::uint32_t viewers_checked_ = 0;
  std::uint32_t viewers_absent_ = 0;
  std::string_view phase_ = "opening";
  std::string trouble_;
  bool cut_short_ = false;
  Nanos opened_ = 0;
  Nanos sold_out_ = 0;
  Nanos crowd_ended_ = 0;
  Timer curfew_;
  Script<> script_;
};

}  // namespace onsale::rehearsal
