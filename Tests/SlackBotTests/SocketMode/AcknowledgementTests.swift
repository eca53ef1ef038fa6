import Bridge
import Testing

@testable import SlackBot

@Suite("Acknowledgements")
struct AcknowledgementTests {
    private func envelope(accepts: JSONValue) throws -> Envelope {
        try #require(Envelope(["envelope_id": "e-1", "type": "interactive", "accepts_response_payload": accepts]))
    }

    @Test("an empty acknowledgement is the envelope's id alone")
    func empty() throws {
        let frame = Acknowledgement.empty.frame(for: try envelope(accepts: true))
        #expect(try JSONValue(parsing: frame.text) == ["envelope_id": "e-1"])
        #expect(frame.omission == nil)
    }

    @Test("a payload goes with the acknowledgement where Slack accepts one")
    func payload() throws {
        let errors: JSONValue = ["response_action": "errors", "errors": ["name": "is taken"]]
        let frame = Acknowledgement(payload: errors).frame(for: try envelope(accepts: true))
        #expect(try JSONValue(parsing: frame.text) == ["envelope_id": "e-1", "payload": errors])
        #expect(frame.omission == nil)
    }

    @Test("a payload that Slack does not accept is left out", arguments: [false, .null, "true"] as [JSONValue])
    func notAccepted(accepts: JSONValue) throws {
        let frame = Acknowledgement(payload: ["text": "hi"]).frame(for: try envelope(accepts: accepts))
        #expect(try JSONValue(parsing: frame.text) == ["envelope_id": "e-1"])
        #expect(frame.omission != nil)
    }

    @Test("a payload of 8 kB is sent; one byte more is left out, so that the connection lives")
    func tooLarge() throws {
        let envelope = try envelope(accepts: true)
        let empty: JSONValue = ["text": ""]
        let room = Acknowledgement.largestPayload - empty.bytes().count
        for (size, isSent) in [(room, true), (room + 1, false)] {
            let payload: JSONValue = ["text": .string(String(repeating: "x", count: size))]
            let frame = Acknowledgement(payload: payload).frame(for: envelope)
            #expect((frame.omission == nil) == isSent)
            #expect(try JSONValue(parsing: frame.text)["payload"] == (isSent ? payload : nil))
        }
    }
}
