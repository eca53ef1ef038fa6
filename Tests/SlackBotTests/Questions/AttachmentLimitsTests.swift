import Bridge
import Testing

@testable import SlackBot

@Suite("How much of attached files is read")
struct AttachmentLimitsTests {
    private func file(_ size: Int?, _ type: String = "text/csv") throws -> SlackFile {
        var json: JSONObject = ["id": "F1", "name": "a", "mimetype": .string(type), "mode": "hosted"]
        if let size { json["size"] = .int(Int64(size)) }
        return try #require(SlackFile(.object(json)))
    }

    @Test("two large files are read to the same length, and leave a small one whole")
    func fair() {
        #expect(AttachmentLimits.shares([900, 100, 900], of: 1_000, atMost: 800) == [450, 333, 450])
        #expect(AttachmentLimits.shares([2_000, 3_000], of: 1_000, atMost: 800) == [500, 500])
        #expect(AttachmentLimits.shares([5_000], of: 1_000, atMost: 800) == [800])
        #expect(AttachmentLimits.shares([nil, 100], of: 1_000, atMost: 800) == [800, 500])
        #expect(AttachmentLimits.shares([], of: 1_000, atMost: 800) == [])
        #expect(AttachmentLimits.shares([-5, -5], of: 1_000, atMost: 800) == [500, 800])
    }

    @Test("a model with a smaller context window is given less text, and images are counted apart")
    func models() throws {
        let files = [try file(5_000_000), try file(4_000_000, "image/png"), try file(nil)]
        let large = AttachmentLimits(files, for: "claude-sonnet-5-5").bytes
        #expect(large == [375_000, AttachmentLimits.mostImage, 375_000])
        let small = AttachmentLimits(files, for: "an-unknown-model").bytes
        #expect(small == [75_000, AttachmentLimits.mostImage, 75_000])
        let images = AttachmentLimits(Array(repeating: try file(nil, "image/png"), count: 10), for: "x").bytes
        #expect(images.reduce(0, +) == AttachmentLimits.mostImages)
    }

    @Test("of twelve files ten are read")
    func count() throws {
        let files = Array(repeating: try file(10), count: 12)
        #expect(AttachmentLimits(files, for: "x").bytes.count == AttachmentLimits.mostFiles)
    }

    @Test("a stored file is the file that Slack described; one without an id is none")
    func stored() throws {
        let described: JSONValue = [
            "id": "F1", "name": "", "title": "May", "size": 12, "mimetype": "text/csv", "mode": "snippet",
            "url_private": "https://files.example/T1-F1/may.csv", "user": "U1",
        ]
        let file = try #require(SlackFile(described))
        #expect(file.name == "May" && file.size == 12 && file.url?.hasSuffix("may.csv") == true)
        #expect(SlackFile(file.json) == file)
        let hidden = try #require(SlackFile(["id": "F2", "mode": "file_access", "file_access": "check_file_info"]))
        #expect(hidden.url == nil && SlackFile(hidden.json) == hidden)
        #expect(SlackFile.list([.null, "x", [:], ["id": 5]]).isEmpty && SlackFile.list(.null).isEmpty)
    }
}
