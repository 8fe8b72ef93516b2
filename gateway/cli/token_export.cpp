#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "gateway/cli/ndjson.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/private_file.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/token.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kFlushBytes = 256 * 1024;

struct Flags {
    StoreFlags store;
    std::string output;
    bool sealed = false;
};

CliResult<void> write_out(std::optional<PrivateFile>& file, std::string& text) {
    CliResult<void> wrote = file ? file->write(text) : print(text);
    text.clear();
    return wrote;
}

CliResult<void> export_tokens(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    std::optional<PrivateFile> file;
    if (!flags.output.empty()) {
        auto created = PrivateFile::create(flags.output);
        if (created.has_error()) return created.error();
        file.emplace(std::move(*created));
    }
    std::string text;
    CliResult<void> wrote;
    std::size_t corrupt = 0;
    std::atomic<std::size_t> count{0};
    std::optional<Progress> progress;
    if (file) progress.emplace([&count] { return std::to_string(count) + " tokens written"; });
    std::string last;
    bool is_at_end = false;
    store::Result<void> walked;
    while (!is_at_end && wrote.has_value() && walked.has_value()) {
        if (auto looked = (*view)->look_again(); looked.has_error()) return looked;
        is_at_end = true;
        walked = (*view)->snapshot().for_each_token(
            last,
            [&](const store::TokenView& token) {
                text += export_line(token.to_record(), (*view)->sections(), flags.sealed) + "\n";
                last = token.id;
                count.fetch_add(1, std::memory_order_relaxed);
                // A file takes what it gets: then all is of one moment. Who reads standard output
                // may take all day, and nothing of the store is held for so long.
                if (text.size() < kFlushBytes) return true;
                if (file) wrote = file->write(std::exchange(text, {}));
                is_at_end = file.has_value();
                return file && wrote.has_value();
            },
            [&](std::string_view) { ++corrupt; });
        (*view)->let_go();
        if (walked.has_value() && wrote.has_value()) wrote = write_out(file, text);
    }
    progress.reset();
    if (walked.has_error()) return failed("cannot read the tokens", walked.error());
    if (wrote.has_error()) return wrote;
    if (corrupt > 0) {
        return failed(std::to_string(corrupt) +
                      " records cannot be read; see 'kwikgate store verify'");
    }
    return file ? file->finish() : CliResult<void>();
}

}  // namespace

void add_token_export(Command token, Session& session) {
    Command sub = token.add_command("export", "Export all tokens as NDJSON, without secrets");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_flag("--sealed", flags->sealed,
                 "Include ids, keys and sealed secrets, to import under the same master key");
    sub.add_option("--output", flags->output, "Write to this new file (0600)").option_text("FILE");
    on_run(sub, session, [flags] { return export_tokens(*flags); });
}

}  // namespace kwikgate::gateway::cli
