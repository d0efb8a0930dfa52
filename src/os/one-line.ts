/** Text as one line that is safe to show: control characters could forge lines and drive terminals. */
export const oneLine = (text: string): string =>
  text.replace(/[\t\n\v\f\r]+/g, ' ').replace(/\p{Cc}/gu, '?');
