package import Foundation
import Logging

/// Serves one client over standard input and output (MCP, "stdio"). Nothing else may write to the output.
package struct StdioServer: Sendable {
    private let server: MCPServer
    private let input: FileHandle
    private let output: FileHandle
    private let grace: Duration
    /// Serial queue for the writes, which block and so must not run on Swift's cooperative pool.
    private let writing = DispatchQueue(label: "mcp.stdio.write")

    /// The most bytes of one message.
    private static let largestMessage = 8 * 1024 * 1024
    /// The most lines that are read before `run` takes them.
    private static let readAhead = 64

    /// The file handles must stay open until ``run()`` has returned.
    ///
    /// - Parameter grace: how long calls that run at the end of the input may take to end.
    package init(
        _ server: MCPServer, input: FileHandle = .standardInput, output: FileHandle = .standardOutput,
        grace: Duration = .seconds(5)
    ) {
        self.server = server
        self.input = input
        self.output = output
        self.grace = grace
    }

    /// Serves until the input ends, a message is too large or the task is cancelled. Calls that run then are answered
    /// if they end within `grace`, and cancelled after it; a cancellation of the task cancels them at once. Requests
    /// are handled concurrently, notifications in the order of arrival.
    package func run() async {
        let (lines, slots) = read()
        let (inputEnd, continuation) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await answer(lines, slots) { continuation.finish() } }
            group.addTask {
                for await _ in inputEnd {}
                try? await Task.sleep(for: grace)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Answers the messages, and returns when the calls have ended.
    ///
    /// - Parameter onEnd: called when there are no more lines.
    private func answer(
        _ lines: AsyncStream<[UInt8]>, _ slots: DispatchSemaphore, onEnd: @Sendable () -> Void
    ) async {
        let session = MCPServerSession()
        await withDiscardingTaskGroup { group in
            for await line in lines {
                slots.signal()
                guard let message = try? JSONValue(lenient: line) else {
                    await write(MCPServer.notJSON)
                    continue
                }
                guard message["id"] != nil || message.array != nil else {
                    // A notification is handled before the next line. A message that is none has an error as response.
                    if let error = await server.handle(message, session: session) { await write(error) }
                    continue
                }
                group.addTask {
                    if let answer = await server.handle(message, session: session) { await write(answer) }
                }
            }
            onEnd()
        }
    }

    /// The lines of the input, read by a thread, which waits for the semaphore before each line. The thread ends when
    /// the input does; after a cancellation of `run` it stays blocked until the input ends or has another line.
    private func read() -> (AsyncStream<[UInt8]>, DispatchSemaphore) {
        let slots = DispatchSemaphore(value: Self.readAhead)
        let descriptor = input.fileDescriptor
        let (lines, feed) = AsyncStream<[UInt8]>.makeStream()  // bounded by the semaphore
        let thread = Thread {
            var splitter = LineSplitter(limit: Self.largestMessage)
            var buffer = [UInt8](repeating: 0, count: 65536)
            reading: while true {
                let count = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count == 0 {
                    let last = splitter.end()  // a line that its writer did not end
                    guard !last.isEmpty else { break }
                    slots.wait()
                    feed.yield(last)
                    break
                }
                guard count > 0, let complete = try? splitter.append(Array(buffer[..<count])) else { break }
                for line in complete where !line.isEmpty {
                    slots.wait()
                    if case .terminated = feed.yield(line) { break reading }
                }
            }
            feed.finish()
        }
        thread.start()
        return (lines, slots)
    }

    private func write(_ message: JSONValue) async {
        let line = Data(message.bytes() + [0x0A])
        await withCheckedContinuation { continuation in
            writing.async {
                // The error is ignored: a client that has exited has also closed the input, which ends `run`.
                try? output.write(contentsOf: line)
                continuation.resume()
            }
        }
    }
}
