/** What is handed over; the files' bytes are read when they are sent. */
export interface OutgoingReply {
  text: string;
  files?: readonly { name: string; content: Blob }[];
}

/** The port to a vendor that carries replies to customers. One file per vendor stands behind it. */
export interface ReplyChannel {
  /**
   * Hands `reply` over to the vendor's conversation; resolves only once the vendor has accepted it, and throws a
   * VendorError when it has not.
   */
  send(conversationId: string, reply: OutgoingReply, signal: AbortSignal): Promise<{ externalId: string | null }>;
}
