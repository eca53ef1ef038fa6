extension SourceRule {
    static let safety: [SourceRule] = [
        .pattern(
            "nothing is public", #"(?<![.\w])(public|open)\s+(?=\w+\s+\w)"#,
            advice: "Doors between modules are `package`; write that or nothing.",
            broken: ("Sources/A.swift", "    public func a() {}")),
        .pattern(
            "nothing is forced", #"\btry!|\bas!|[\w)\]>"?]!(?!=)"#,
            advice: "Unwrap with `guard let`, and throw or `try #require` where it is missing.",
            broken: ("Sources/A.swift", "let a = b.c()!.d")),
        .pattern(
            "nothing crashes on purpose",
            #"(?<![.\w])(fatalError|precondition|preconditionFailure|assertionFailure)\("#,
            advice: "Throw an error that says what failed, on what, and what to do next.", folders: ["Sources/"],
            allowed: [
                "Sources/Bridge/Concurrency/Deadline.swift":
                    "a task group that lost a child's value; no input leads there"
            ],
            broken: ("Sources/A.swift", #"fatalError("unreachable")"#)),
        .pattern(
            "nothing prints", #"(?<![.\w])(print|debugPrint|dump|NSLog)\("#,
            advice: "Log it, or in a command use Terminal.out.", folders: ["Sources/"],
            allowed: ["Sources/SlackBot/CLI/Main.swift": "the help text that the argument parser made"],
            broken: ("Sources/A.swift", #"print("here")"#)),
        .pattern(
            "no write to a file handle traps",
            #"\b(standard(Output|Error)|\w*[hH]andle)[?!]?\s*\.write\((?!contentsOf:)|\.write\(\s*Data\("#,
            advice: "`FileHandle.write(_:)` ends the process on EPIPE; use `try` or `try?` with `write(contentsOf:)`.",
            broken: ("Sources/A.swift", "FileHandle.standardError.write(Data())")),
        .pattern(
            "what comes from outside is read leniently", #"JSONValue\(parsing:"#,
            advice: "Use JSONValue(lenient:): other programs do not write JSON as we do.",
            folders: [
                "Sources/Bridge/MCP/", "Sources/Bridge/MCPServer/", "Sources/Bridge/LLM/", "Sources/SlackBot/",
                "Sources/DemoOps/",
            ],
            allowed: [
                "Sources/Bridge/LLM/Anthropic/AnthropicBlock.swift":
                    "finds whether an input can be sent back as it came",
                "Sources/SlackBot/CLI/ReloadCommand.swift": "reads what our own side port has written",
            ],
            broken: ("Sources/Bridge/MCP/A.swift", "let a = try JSONValue(parsing: b)")),
        .pattern(
            "no task is unstructured", #"(?<![\w.])Task(<.*>)?(\.detached|\.immediate|\.init)?\s*(\([^)]*\)\s*)?\{"#,
            advice: "Make it a child of a task group; if it cannot be, prove beside it that it ends, and list it here.",
            folders: ["Sources/", "Tests/TestKit/"],
            allowed: [
                "Sources/Bridge/Concurrency/CancellationShield.swift":
                    "the last duty of a cancelled task; awaited on the same line",
                "Sources/Bridge/Concurrency/Deadline.swift":
                    "a store that hangs must not be waited for; both end, see there",
                "Sources/SlackEmulator/HTTP/WorkspaceServer.swift": "a server that stops in order; awaited in place",
                "Tests/TestKit/PrivatePostgres.swift": "the cluster that all tests of the process share",
                "Tests/TestKit/PeerProcess.swift": "a peer lives from one call to another; stop() ends and awaits it",
            ],
            broken: ("Sources/A.swift", "Task.detached(priority: .low) { await a() }")),
        .pattern(
            "the compiler proves what is Sendable", #"@unchecked\s+Sendable|nonisolated\(unsafe\)|@preconcurrency"#,
            advice:
                "Put the state behind NIOLockedValueBox; what wraps a C pointer says why it is safe, and is listed here.",
            allowed: [
                "Sources/WebSockets/ServiceThread.swift":
                    "one thread owns the context; its bell may be rung from others",
                "Sources/Analytics/Store/Postgres/PostgresInterrupt.swift": "PQcancel may be called from any thread",
            ],
            broken: ("Sources/A.swift", "final class A: @unchecked Sendable {}")),
        SourceRule(
            name: "an unchecked promise is proved beside it",
            advice: "Say in a comment above it which outside rule makes it safe, with its source.",
            broken: ("Sources/A.swift", "import B\n\nstruct A: @unchecked Sendable {}")
        ) { file in
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            return file.matches(#"@unchecked\s+Sendable|nonisolated\(unsafe\)"#, in: .code).compactMap { line, match in
                let above = line >= 2 ? lines[line - 2].drop { $0 == " " } : ""
                return above.hasPrefix("//") ? nil : Finding(line: line, what: "`\(match)` without a proof")
            }
        },
        .pattern(
            "there is one kind of lock",
            #"import Synchronization|\b(Mutex|Atomic)<|\bNS(Recursive)?Lock\b|\bpthread_(mutex|rwlock)_|\bOSAllocatedUnfairLock\b"#,
            advice: "Use NIOLockedValueBox: ThreadSanitizer understands it on every platform.",
            allowed: [
                "Tests/WebSocketsTests/WebSocketTesting.swift": "an atomic count of one test; no lock"
            ],
            broken: ("Sources/A.swift", "import Synchronization")),
        .pattern(
            "tests have their folders from TemporaryFolder", #"\b(NST|t)emporaryDirectory\b"#,
            advice: "Use TemporaryFolder of TestKit.", folders: ["Tests/"],
            allowed: ["Tests/TestKit/TemporaryFolder.swift": "makes them"],
            broken: ("Tests/A.swift", "let a = FileManager.default.temporaryDirectory")),
        SourceRule(
            name: "tests remove their folders", advice: "Write `defer { folder.remove() }` on the next line.",
            folders: ["Tests/"], broken: ("Tests/A.swift", "let folder = try TemporaryFolder()\nb(folder)")
        ) { file in
            let lines = file.code.split(separator: "\n", omittingEmptySubsequences: false)
            return file.matches(#"\bTemporaryFolder\(\)"#, in: .code).compactMap { line, match in
                let next = line < lines.count ? lines[line].drop { $0 == " " } : ""
                return next.hasPrefix("defer { ") ? nil : Finding(line: line, what: "`\(match)` without a `defer`")
            }
        },
    ]
}
