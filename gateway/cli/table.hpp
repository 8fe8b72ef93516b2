#pragma once

#include <string>
#include <vector>

namespace kwikgate::gateway::cli {

/// A left-aligned table for people, two spaces between columns, no trailing space.
class Table {
  public:
    explicit Table(std::vector<std::string> header);
    /// Cells are made printable. Needs as many as the header has.
    void add_row(std::vector<std::string> cells);
    bool empty() const { return rows_.size() == 1; }
    std::string to_string() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace kwikgate::gateway::cli
