/// Parses the head of a response from the header lines that libcurl delivers one by one.
///
/// "The callback will be invoked for the headers of all responses received after initiating a request and not just the
/// final response" (https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html): interim responses (RFC 9110, 15.2) are
/// skipped, and so are trailers, which come after the final blank line.
struct ResponseHeadReader {
    /// Result of one line. `complete` is returned once, at the blank line after the final response's headers.
    enum Progress {
        case more
        case complete(HTTPExchange.Head)
        case tooLarge
    }

    /// The most bytes of all header lines of a transfer, interim responses and trailers included.
    static let limit = 256 * 1024

    private var status = 0
    private var fields: [(name: String, value: String)] = []
    private var size = 0
    private var isComplete = false

    /// Reads one line with its line end.
    mutating func read(_ line: UnsafeRawBufferPointer) -> Progress {
        size += line.count
        guard size <= Self.limit else { return .tooLarge }
        guard !isComplete else { return .more }
        let text = line.trimmingASCIISpace(trailingOnly: true)
        if text.isEmpty { return endOfBlock() }
        if text.starts(with: "HTTP/".utf8) {
            status =
                text.split(separator: 0x20).dropFirst().first.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            fields = []
        } else if text.first == 0x20 || text.first == 0x09 {
            // "libcurl does not unfold HTTP folded headers" (same page)
            if let last = fields.popLast() {
                fields.append((last.name, last.value + " " + decode(text)))
            }
        } else if let colon = text.firstIndex(of: 0x3A) {
            fields.append((decode(text[..<colon]), decode(text[(colon + 1)...])))
        }
        return .more
    }

    private mutating func endOfBlock() -> Progress {
        guard status >= 200 || status == 101 else { return .more }
        isComplete = true
        return .complete(HTTPExchange.Head(status: status, headers: HTTPClient.Headers(fields)))
    }

    private func decode(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes).trimmingASCIISpace(), as: UTF8.self)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func trimmingASCIISpace(trailingOnly: Bool = false) -> Slice<UnsafeRawBufferPointer> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        var trimmed = self[...]
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        while !trailingOnly, let first = trimmed.first, isSpace(first) { trimmed.removeFirst() }
        return trimmed
    }
}
