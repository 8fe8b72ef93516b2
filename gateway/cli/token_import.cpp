#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "auth/secret.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/token_settings.hpp"
#include "gateway/cli/held_signals.hpp"
#include "gateway/cli/ndjson.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/private_file.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/secret_output.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/json/token_json.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string input;
    std::string output;
};

/// Feeds the parser line by line. A line over the limit is not kept in memory whole.
class LineFeed {
  public:
    explicit LineFeed(ImportParser& parser) : parser_(parser) {}
    ~LineFeed() { auth::wipe(line_.data(), line_.size()); }
    LineFeed(const LineFeed&) = delete;
    LineFeed& operator=(const LineFeed&) = delete;

    /// False when the parser wants no more.
    bool take(std::string_view piece) {
        while (!piece.empty()) {
            const std::size_t end = piece.find('\n');
            keep(piece.substr(0, end));
            if (end == std::string_view::npos) return true;
            piece.remove_prefix(end + 1);
            if (!end_line()) return false;
        }
        return true;
    }
    bool finish() { return line_.empty() || end_line(); }
    /// **Threads**: any.
    std::size_t lines() const { return lines_.load(std::memory_order_relaxed); }

  private:
    void keep(std::string_view part) {
        const std::size_t room = kMaxImportLineBytes + 2 - line_.size();
        line_.append(part.substr(0, room));
    }
    bool end_line() {
        const bool wants_more = parser_.add_line(line_);
        lines_.store(parser_.lines(), std::memory_order_relaxed);
        auth::wipe(line_.data(), line_.size());
        line_.clear();
        return wants_more;
    }
    ImportParser& parser_;
    std::string line_;
    std::atomic<std::size_t> lines_{0};
};

CliResult<void> read_lines(const std::string& input, ImportParser& parser) {
    std::ifstream file;
    const bool from_stdin = input == "-";
    if (!from_stdin) file.open(input, std::ios::binary);
    std::istream& stream = from_stdin ? std::cin : file;
    if (!stream) return failed("cannot read " + input + "; name a file, or - for standard input");
    LineFeed feed(parser);
    const Progress progress([&feed] { return std::to_string(feed.lines()) + " lines read"; });
    std::string piece(64 * 1024, '\0');
    bool wants_more = true;
    while (wants_more && stream) {
        stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        wants_more = feed.take({piece.data(), static_cast<std::size_t>(stream.gcount())});
    }
    auth::wipe(piece.data(), piece.size());
    if (stream.bad()) return failed("cannot read " + input);
    if (wants_more) feed.finish();
    return {};
}

CliResult<void> report_problems(const ImportParser& parser) {
    const auto& problems = parser.problems();
    if (problems.empty()) return {};
    for (const ImportProblem& problem : problems) {
        std::fprintf(stderr, "line %zu: %s\n", problem.line, problem.message.c_str());
    }
    const std::string count = std::to_string(problems.size());
    return failed("nothing was imported: " + count +
                  (problems.size() == 1 ? " problem" : " problems") +
                  (problems.size() >= kMaxImportProblems ? " and maybe more" : ""));
}

/// Puts every item's settings through the rules of the service, so that all problems show at once.
CliResult<void> check_settings(store::Store& store, ImportParser& parser) {
    const auto catalogue = auth::SectionCatalogue::load(store);
    if (catalogue.has_error()) return failed(catalogue.error());
    const store::Timestamp now = store::current_time();
    for (std::size_t i = 0; i < parser.items().size(); ++i) {
        store::TokenRecord scratch;
        const auto applied = auth::apply_settings(parser.items()[i].spec, *catalogue, now,
                                                  auth::PastExpiry::kept, scratch);
        if (applied.has_error()) parser.refuse_item(i, failed(applied.error()).message());
    }
    return {};
}

/// For each item, whether its credentials are made here and have to be handed over.
std::vector<bool> new_credentials(const std::vector<auth::ImportItem>& items) {
    std::vector<bool> out;
    out.reserve(items.size());
    for (const auth::ImportItem& item : items) out.push_back(!item.credentials && !item.sealed);
    return out;
}

std::string issued_lines(const std::vector<auth::IssuedToken>& issued,
                         const std::vector<bool>& is_new, const auth::SectionCatalogue& sections) {
    std::string out;
    for (std::size_t i = 0; i < issued.size(); ++i) {
        if (is_new[i]) out += issued_json(issued[i], sections, true) + "\n";
    }
    return out;
}

/// The service counts items; people count lines.
std::string with_line(const std::string& message, const ImportParser& parser) {
    constexpr std::string_view kItem = "item ";
    const std::size_t colon = message.find(':');
    std::size_t item = 0;
    if (message.compare(0, kItem.size(), kItem) != 0 || colon == std::string::npos) return message;
    std::from_chars(message.data() + kItem.size(), message.data() + colon, item);
    if (item == 0) return message;
    return "line " + std::to_string(parser.line_of(item - 1)) + ": " +
           as_clause(message.substr(std::min(colon + 2, message.size())));
}

CliResult<void> deliver(std::optional<PrivateFile>& file, std::string& lines) {
    CliResult<void> done = file ? file->write(lines) : print_durably(lines);
    auth::wipe(lines.data(), lines.size());
    return file && done.has_value() ? file->sync() : done;
}

/// The new secrets are handed over before the tokens are: whenever this ends, no token is without
/// a secret that somebody has.
CliResult<void> hand_over_and_write(auth::TokenService& service, ImportParser& parser,
                                    const auth::SectionCatalogue& sections,
                                    std::optional<PrivateFile>& file) {
    const auto nothing = [&](const auth::ServiceError& error, std::string_view more) {
        return failed("nothing was imported: " + with_line(failed(error).message(), parser) +
                      std::string(more));
    };
    const std::vector<bool> is_new = new_credentials(parser.items());
    std::atomic<std::size_t> count{0};
    const auto how_far = [&count, all = std::to_string(is_new.size())] {
        return count == 0 ? "sealing " + all + " secrets"
                          : std::to_string(count) + " of " + all + " tokens written";
    };
    std::optional<Progress> progress(std::in_place, how_far);
    auto tokens = service.prepare_import(std::move(parser.items()));
    progress.reset();
    if (tokens.has_error()) return nothing(tokens.error(), "");
    std::string lines = issued_lines(*tokens, is_new, sections);
    const bool is_printed = !file && !lines.empty();
    if (const auto delivered = deliver(file, lines); delivered.has_error())
        return failed("nothing was imported: " + delivered.error().message());
    progress.emplace(how_far);
    std::optional<HeldSignals> held;
    const auto written = service.write_import(*tokens, [&](std::size_t so_far) {
        count.store(so_far, std::memory_order_relaxed);
        if (so_far == tokens->size()) held.emplace();
    });
    progress.reset();
    if (written.has_error())
        return nothing(written.error(),
                       is_printed ? "; what was printed are the credentials of no token" : "");
    std::fprintf(stderr, "imported %zu token%s\n", tokens->size(), tokens->size() == 1 ? "" : "s");
    if (file) file->keep();
    return {};
}

CliResult<void> import_tokens(const Flags& flags) {
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto sections = (*opened)->sections();
    if (sections.has_error()) return sections.error();
    ImportParser parser(*sections);
    if (auto read = read_lines(flags.input, parser); read.has_error()) return read;
    if (auto checked = check_settings((*opened)->store(), parser); checked.has_error()) {
        return checked;
    }
    if (auto sound = report_problems(parser); sound.has_error()) return sound;
    std::optional<PrivateFile> file;
    if (!flags.output.empty()) {
        auto created = PrivateFile::create(flags.output);
        if (created.has_error()) return created.error();
        file.emplace(std::move(*created));
    }
    return hand_over_and_write((*opened)->service(), parser, *sections, file);
}

}  // namespace

void add_token_import(Command token, Session& session) {
    Command sub = token.add_command("import", "Make tokens from NDJSON: all lines or none");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("file", flags->input, "NDJSON, one token a line; - is standard input")
        .required();
    add_store_flags(sub, flags->store, true);
    sub.add_option("--output", flags->output,
                   "Write the new credentials to this new file (0600), not to standard output")
        .option_text("FILE");
    sub.footer(
        "Keys of a line: name, sections (required), permissions, status, environment,\n"
        "account, expires_at, allowed_ips, allowed_origins, rate, max_concurrent,\n"
        "require_signature, require_form_signature, debug, created_at. Credentials\n"
        "brought along: api_key and api_secret, public_key. Lines of 'token export\n"
        "--sealed' are taken as they are. Lines without credentials get new ones,\n"
        "printed as NDJSON, shown once.");
    on_run(sub, session, [flags] { return import_tokens(*flags); });
}

}  // namespace kwikgate::gateway::cli
