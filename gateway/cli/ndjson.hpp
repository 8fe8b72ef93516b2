#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "store/token_record.hpp"

/// Tokens as NDJSON, one object a line: what `token export` writes and `token import` reads.
namespace kwikgate::gateway::cli {

inline constexpr std::size_t kMaxImportLineBytes = 64 * 1024;
inline constexpr std::size_t kMaxImportLines = 1'000'000;
inline constexpr std::size_t kMaxImportProblems = 1000;

/// One line, without the newline. The settings alone, from which an import makes a token with new
/// credentials; with `sealed` also id, keys and sealed secrets, from which an import under the same
/// master key makes the same token.
std::string export_line(const store::TokenRecord& record, const auth::SectionCatalogue& sections,
                        bool sealed);

struct ImportProblem {
    std::size_t line = 0;
    std::string message;  ///< Holds no value that could be a secret.
};

/// Reads the lines of an import. Strict: unknown and repeated keys, wrong types, unknown sections
/// and ids or keys that stand twice in the input are problems, all of them reported.
/// **Cost**: about 3 us a line; keeps every item until the end, because an import is all or
/// nothing.
class ImportParser {
  public:
    explicit ImportParser(const auth::SectionCatalogue& sections);
    ~ImportParser();
    ImportParser(const ImportParser&) = delete;
    ImportParser& operator=(const ImportParser&) = delete;

    /// Takes the next line. Empty lines are skipped but counted.
    /// False when it makes no sense to go on: `kMaxImportProblems` or `kMaxImportLines` reached.
    bool add_line(std::string_view text);

    /// Adds a problem found later with item `item`.
    void refuse_item(std::size_t item, std::string message);

    /// In the order found.
    const std::vector<ImportProblem>& problems() const { return problems_; }
    /// The items in order; `line_of(i)` is where item i stood.
    std::vector<auth::ImportItem>& items() { return items_; }
    std::size_t line_of(std::size_t item) const { return item_lines_[item]; }
    std::size_t lines() const { return line_; }

  private:
    struct State;
    void refuse(std::size_t line, std::string message);
    void take_names_once(const auth::ImportItem& item);

    const auth::SectionCatalogue& sections_;
    std::unique_ptr<State> state_;
    std::vector<auth::ImportItem> items_;
    std::vector<std::size_t> item_lines_;
    std::vector<ImportProblem> problems_;
    std::size_t line_ = 0;
};

}  // namespace kwikgate::gateway::cli
