#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace kwikgate::store {

/// One end of a line between two processes.
class Line {
  public:
    Line(int in, int out) : in_(in), out_(out) {}
    Line(Line&& other) noexcept
        : in_(std::exchange(other.in_, -1)), out_(std::exchange(other.out_, -1)) {}
    Line& operator=(Line&&) = delete;
    ~Line() {
        if (in_ >= 0) ::close(in_);
        if (out_ >= 0) ::close(out_);
    }
    bool send(std::string text) {
        text += '\n';
        return ::write(out_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }
    /// The next whole line; empty when the other side is gone, even in mid-line.
    std::string receive() {
        std::string text;
        for (char c = 0;;) {
            if (::read(in_, &c, 1) != 1) return {};
            if (c == '\n') return text;
            text += c;
        }
    }

  private:
    int in_;
    int out_;
};

/// Runs `body` in a forked child. LMDB forbids that one process has a store open twice, so every
/// test with several openings forks first and opens afterwards. The child uses no test assertion:
/// it sends what it saw, and its exit status is what `body` returns.
class ChildProcess {
  public:
    explicit ChildProcess(const std::function<int(Line&)>& body) : line_(start(body)) {}
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() {
        if (pid_ > 0) kill_and_wait();
    }
    Line& line() { return line_; }
    void kill_and_wait() {
        ::kill(pid_, SIGKILL);
        wait();
    }
    /// The exit status, or 128 and the signal.
    int wait() {
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    Line start(const std::function<int(Line&)>& body) {
        int down[2];
        int up[2];
        if (::pipe(down) != 0 || ::pipe(up) != 0) throw std::runtime_error("pipe failed");
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error("fork failed");
        if (pid_ == 0) {
            ::close(down[1]);
            ::close(up[0]);
            Line line(down[0], up[1]);
            int status = 99;
            try {
                status = body(line);
            } catch (...) {
                status = 98;
            }
            ::_exit(status);
        }
        ::close(down[0]);
        ::close(up[1]);
        return Line(up[0], down[1]);
    }
    pid_t pid_ = -1;
    Line line_;
};

}  // namespace kwikgate::store
