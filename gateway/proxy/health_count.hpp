#pragma once

namespace kwikgate::gateway::proxy {

/// When checks in a row change what is thought of a server. Pure.
class HealthCount {
  public:
    enum class Change : unsigned char { none, goes_down, comes_up };

    /// One check more; `is_down` is what is thought so far. The last of `healthy_after` good ones,
    /// or of `unhealthy_after` bad ones, changes it at once.
    Change note(bool is_healthy, bool is_down, unsigned healthy_after, unsigned unhealthy_after) {
        good_in_a_row_ = is_healthy ? good_in_a_row_ + 1 : 0;
        bad_in_a_row_ = is_healthy ? 0 : bad_in_a_row_ + 1;
        if (!is_down && bad_in_a_row_ >= unhealthy_after) return Change::goes_down;
        if (is_down && good_in_a_row_ >= healthy_after) return Change::comes_up;
        return Change::none;
    }

  private:
    unsigned good_in_a_row_ = 0;
    unsigned bad_in_a_row_ = 0;
};

}  // namespace kwikgate::gateway::proxy
