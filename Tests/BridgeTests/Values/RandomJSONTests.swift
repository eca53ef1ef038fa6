import TestKit
import Testing

@testable import Bridge

/// Seeded; a failure says the input, and `OMNI_TEST_SEED` repeats the run.
@Suite("Random JSON from outside", .timeLimit(.minutes(10)))
struct RandomJSONTests {
    @Test("damaged texts are read or refused with a reason, and what the strict reader accepts has the same value")
    func damaged() {
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        for _ in 0..<RandomInput.count {
            var bytes = RandomInput.value(&random).bytes()
            RandomInput.damage(&bytes, &random)
            let strict = try? JSONValue(parsing: bytes)
            do {
                let lenient = try JSONValue(lenient: bytes)
                if strict != nil, strict != lenient { Issue.record("\(bytes) differs (seed \(seed))") }
                let again = try JSONValue(parsing: lenient.bytes())
                if again != lenient { Issue.record("\(bytes) is written as another value (seed \(seed))") }
            } catch {
                let reason = (error as? JSONError)?.reason ?? ""
                if strict != nil || reason.isEmpty { Issue.record("\(bytes) is refused: \(error) (seed \(seed))") }
            }
        }
    }

    @Test("values written as in other languages are read as the same values")
    func dialects() {
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        for _ in 0..<RandomInput.count {
            let value = RandomInput.value(&random)
            let bytes = Self.written(value, &random)
            if (try? JSONValue(lenient: bytes)) != value {
                Issue.record("\(bytes) is not \(value.text()) (seed \(seed))")
            }
        }
    }

    /// The value with the marks, spaces, commas and signs of other writers.
    private static func written(_ value: JSONValue, _ random: inout SplitMix64) -> [UInt8] {
        var bytes = Bool.random(using: &random) ? [0xEF, 0xBB, 0xBF] : [UInt8]()
        write(value, &bytes, &random)
        return bytes + (Bool.random(using: &random) ? [0x0D, 0x0A, 0x00] : [])
    }

    private static func write(_ value: JSONValue, _ bytes: inout [UInt8], _ random: inout SplitMix64) {
        func sometimes(_ text: String) { if Int.random(in: 0..<3, using: &random) == 0 { bytes += Array(text.utf8) } }
        switch value {
        case .null: bytes += Array((["null", "NaN", "-Infinity", "1e999"].randomElement(using: &random) ?? "").utf8)
        case .int(let number) where number >= 0:
            sometimes("+")
            sometimes("00")
            bytes += Array("\(number)".utf8)
        case .array(let elements):
            bytes += Array("[".utf8)
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes += Array(", ".utf8) }
                write(element, &bytes, &random)
            }
            if !elements.isEmpty { sometimes(",\n") }
            bytes += Array("]".utf8)
        case .object(let members):
            bytes += Array("{".utf8)
            for (place, member) in members.enumerated() {
                if place > 0 { bytes += Array("\t,".utf8) }
                bytes += JSONValue.string(member.key).bytes() + Array(" :".utf8)
                write(member.value, &bytes, &random)
            }
            if !members.isEmpty { sometimes(" , ") }
            bytes += Array("}".utf8)
        default: bytes += value.bytes()
        }
    }

    @Test(
        "of an MCP server's damaged responses none is lost in silence: it is read, or fails the request with a reason")
    func responses() {
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        for number in 0..<RandomInput.count {
            let id = RequestID.number(Int64(number + 1))
            var bytes = JSONRPCMessage.result(id: id, ["content": RandomInput.value(&random)]).json.bytes()
            // After `{"jsonrpc":"2.0","id":…,"result":`, so that it still looks like the response.
            let head = Array(#"{"jsonrpc":"2.0","id":\#(number + 1),"result":"#.utf8)
            var rest = Array(bytes.dropFirst(head.count))
            RandomInput.damage(&rest, &random)
            bytes = head + rest
            let frame = MCPFrame(bytes, mayBeText: true)
            let answered = frame.messages.contains { $0.answeredID == id } || frame.unreadable.contains { $0.id == id }
            if !answered { Issue.record("\(String(decoding: bytes, as: UTF8.self)) is lost (seed \(seed))") }
            if frame.unreadable.contains(where: \.problem.isEmpty) { Issue.record("no reason (seed \(seed))") }
        }
    }

    @Test("random bytes end every reader: lines, bodies, events of a model")
    func noise() {
        var random = SplitMix64(seed: SplitMix64.seed())
        for _ in 0..<RandomInput.count {
            var bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { RandomInput.damage(&bytes, &random) }
            _ = MCPFrame(bytes, mayBeText: Bool.random(using: &random))
            _ = SessionLoss.isReported(status: 400, body: bytes, hasSessionID: false)
            _ = AnthropicErrorBody(bytes: bytes)
            var stream = AnthropicStream(model: "m")
            _ = try? stream.accept(String(decoding: bytes, as: UTF8.self), named: RandomInput.text(&random))
        }
    }
}
