import Bridge

/// Texts about the images of an answer.
extension UserMessages {
    /// The title of an image whose tool says nothing about it.
    static func imageTitle(_ tool: ToolName) -> String { "Image from \(tool)" }

    /// Under an answer: images that are not attached because of the limits.
    static func imagesLeftOut(_ count: Int) -> String {
        let megabytes = AnswerFiles.largest / 1_000_000
        return
            ":frame_with_picture: \(images(count)) left out: an answer has at most \(AnswerFiles.most), as PNG, JPEG, "
            + "GIF or WebP of at most \(megabytes) MB each."
    }

    /// Under an answer that only the asker sees: Slack shows a file to all in a channel.
    static func imagesDirect(_ count: Int) -> String {
        ":frame_with_picture: \(images(count)) in our direct messages: Slack cannot show a file to one person only here."
    }

    /// Above an image in the asker's direct messages.
    static func imageFrom(channel: String) -> String {
        "An image of my answer in <#\(channel)>, which only you can see:"
    }

    /// In the thread, after an answer whose images cannot be attached.
    ///
    /// - Parameter code: Slack's error code, or one of ``SlackError``.
    static func notAttached(_ count: Int, code: String) -> String {
        let what = count == 1 ? "An image of this answer" : "\(count) images of this answer"
        return ":warning: \(what) could not be attached: \(reason(code))."
    }

    private static func images(_ count: Int) -> String { count == 1 ? "1 image is" : "\(count) images are" }

    private static func reason(_ code: String) -> String {
        switch code {
        case "missing_scope":
            "my Slack app lacks the scope `files:write` (in direct messages `im:write` too); an administrator can add it "
                + "and install the app again"
        case "file_uploads_disabled": "this workspace allows no uploads of files"
        case "not_in_channel": "I am not in this channel; invite me with `/invite @omni`"
        case "posting_to_channel_denied": "I may not post files in this channel"
        case "unreachable", "bad_answer": "Slack's server for files did not answer"
        case "untrusted_url": "Slack named an address for it that is not Slack's"
        case "no_file_data": "its data is not stored any more"
        default: "Slack answered `\(Markdown.escape(code))`"
        }
    }
}
